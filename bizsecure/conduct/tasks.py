"""What the beat starts in this room."""

from __future__ import annotations

from celery import shared_task

from bizsecure.conduct.services.reviewing import end_what_is_over


@shared_task
def end_decisions() -> None:
    """End decisions whose time is over."""
    end_what_is_over()
