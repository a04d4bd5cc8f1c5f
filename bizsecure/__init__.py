"""The portal: settings, composition of pages, and the company's own rooms."""

from bizsecure.celery import app as celery_app

__all__ = ["celery_app"]
