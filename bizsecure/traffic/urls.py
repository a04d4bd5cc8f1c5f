"""Where the traffic is shown."""

from __future__ import annotations

from django.urls import path

from bizsecure.traffic import views

urlpatterns = [path("traffic/", views.traffic, name="traffic")]
