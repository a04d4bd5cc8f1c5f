"""Addresses of the pages about the person."""

from __future__ import annotations

from django.urls import include, path

from accounts.views import address_changes, closings, downloads, log, personal, security

urlpatterns = [
    path("account/personal/", personal.personal, name="personal"),
    path("account/security/", security.security, name="security"),
    path("account/personal/history/", personal.history, name="history"),
    path("account/log/", log.account_log, name="log"),
    path("account/log/log.csv", log.log_file, {"ending": "csv"}, name="log_csv"),
    path("account/log/log.json", log.log_file, {"ending": "json"}, name="log_json"),
    path("account/download/", downloads.download, name="download"),
    path("account/download/<uuid:uid>/", downloads.download_file, name="download_file"),
    path("account/close/", closings.close, name="close"),
    path("account/close/undo/", closings.undo_close, name="undo_close"),
    path("not-me/", personal.forget_me, name="forget_me"),
    path(
        "accounts/email/cancel/<str:token>/",
        address_changes.cancel,
        name="cancel_address_change",
    ),
    path("", include("accounts.sign_in_urls")),
]
