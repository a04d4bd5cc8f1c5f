"""Tasks carry keys of rows and nothing else: workers of two releases understand each other."""

from __future__ import annotations

import inspect

import pytest
from celery import current_app
from django.conf import settings as django_settings

from tests.architecture.house import PACKAGES

current_app.loader.import_default_modules()
TASKS = sorted(name for name in current_app.tasks if name.split(".")[0] in PACKAGES)


def test_there_are_tasks_to_look_at() -> None:
    assert len(TASKS) >= 15


@pytest.mark.parametrize("name", TASKS)
def test_every_task_takes_numbers_of_rows_and_nothing_else(name: str) -> None:
    taken = inspect.signature(current_app.tasks[name].run).parameters.values()
    assert {parameter.annotation for parameter in taken} <= {"int"}


def test_what_is_scheduled_is_there_and_takes_nothing() -> None:
    for entry in django_settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in TASKS
        assert not inspect.signature(current_app.tasks[entry["task"]].run).parameters
        assert "args" not in entry
