"""Addresses of decisions about a customer's conduct."""

from __future__ import annotations

from django.urls import path

from bizsecure.conduct import views

urlpatterns = [
    path("account/decisions/", views.decision_list, name="decisions"),
    path("account/decisions/<str:number>/", views.decision, name="decision"),
]
