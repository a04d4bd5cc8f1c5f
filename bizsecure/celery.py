"""The Celery application. Its tasks are in the rooms; what runs when is in the settings."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")

app = Celery("bizsecure")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
