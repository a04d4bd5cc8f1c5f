"""The Celery application. Its tasks are in the rooms; what runs when is in the settings."""

from __future__ import annotations

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings

from bizsecure.core.request_ids import put_along, task_begins, task_ended

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")

app = Celery("bizsecure")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

before_task_publish.connect(put_along)
task_prerun.connect(task_begins)
task_postrun.connect(task_ended)


@setup_logging.connect
def log_as_the_site_does(**_kwargs: Any) -> None:
    """Write what workers and beat say in the form of LOGGING: Celery would set up its own."""
    logging.config.dictConfig(settings.LOGGING)
