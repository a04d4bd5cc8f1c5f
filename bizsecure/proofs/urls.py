"""Where proofs are."""

from __future__ import annotations

from django.urls import path

from bizsecure.proofs import views

urlpatterns = [
    path("transparency/heads/", views.heads, name="heads"),
    path("transparency/heads/all.json", views.heads_json, name="heads_json"),
    path("transparency/heads/check_receipt.py", views.checker, name="receipt_checker"),
    path("transparency/heads/<int:number>.json", views.head, name="head"),
    path("account/receipts/", views.receipts, name="receipts"),
    path(
        "account/receipts/<slug:kind>/<int:sequence>.json", views.receipt_file, name="receipt_file"
    ),
]
