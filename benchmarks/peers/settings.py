"""The smallest site on which the libraries we compare with send mail."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

SECRET_KEY = "for measuring only"  # noqa: S105 - nothing is signed with it
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office", "mailer"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PEERS_POSTGRES"],
        "NAME": "peers",
        "USER": "postgres",
    }
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["PEERS_SMTP_PORT"])
REDIS_SOCKET = urlsplit(os.environ["PEERS_REDIS"]).path
CELERY_BROKER_URL = os.environ["PEERS_REDIS"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
# As fast as it goes: several processes, no waiting between mails, no line in a log for each.
POST_OFFICE = {
    "BACKENDS": {"default": EMAIL_BACKEND},
    "BATCH_SIZE": 100_000,
    "LOG_LEVEL": 0,
    "THREADS_PER_PROCESS": 4,
}
MAILER_EMAIL_BACKEND = EMAIL_BACKEND
MAILER_EMAIL_MAX_BATCH = None
