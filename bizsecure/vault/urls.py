"""Addresses of the pages about cards."""

from __future__ import annotations

from django.urls import path

from bizsecure.vault import views

urlpatterns = [
    path("account/cards/", views.show_cards, name="cards"),
    path("account/cards/add/", views.add, name="add_card"),
    path("account/cards/<uuid:uid>/", views.show_card, name="card"),
    path("account/cards/<uuid:uid>/remove/", views.remove, name="remove_card"),
]
