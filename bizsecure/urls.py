"""Where everything is. Addresses are kept stable: people script against them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from accounts import staff_door
from bizsecure.views import accepted, account, probes, public, styleguide

# Staff sign in like everybody else, behind the same rate limits, and with a second factor.
admin.site.login = staff_door.lead_in(admin.site.login)  # type: ignore[method-assign]
admin.site.has_permission = staff_door.may_enter  # type: ignore[method-assign]

handler400 = "bizsecure.views.errors.not_taken"

urlpatterns = [
    path("", public.home, name="home"),
    path("promises/", public.promises, name="promises"),
    path("cookies/", public.cookies, name="cookies"),
    path("security/", public.security, name="security_page"),
    path("language/<str:code>/", public.language, name="language"),
    path("leaving/<str:token>/", public.leaving, name="leaving"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/mail/", styleguide.mail, name="styleguide_mail"),
    path(".well-known/security.txt", public.security_contact, name="security_contact"),
    path(".well-known/gpc.json", public.privacy_control, name="privacy_control"),
    path(".well-known/change-password", public.change_password, name="change_password"),
    path("account/", account.overview, name="overview"),
    path("account/accepted/", accepted.accepted, name="accepted"),
    path("", include("accounts.urls")),
    path("", include("consent.urls")),
    path("", include("notifications.urls")),
    path("", include("bizsecure.vault.urls")),
    path("", include("bizsecure.store.urls")),
    path("", include("bizsecure.conduct.urls")),
    path("", include("bizsecure.traffic.urls")),
    path("", include("bizsecure.proofs.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
]
