"""The environment the tests run in, whatever stands in `.env` or in the developer's shell.

pytest loads this before Django reads its settings. Of the outer environment only DATABASE_URL
counts: it chooses the database of the run.
"""

from __future__ import annotations

import base64
import os

SECRET_KEY = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"

ENVIRONMENT = {
    "DEBUG": "on",
    "SECRET_KEY": SECRET_KEY,
    "CRYPTOGRAPHY_KEYS": base64.b64encode(bytes(range(32))).decode(),
    "PROOF_KEY": base64.b64encode(bytes(range(100, 132))).decode(),
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "DATABASE_URL": os.environ.get("DATABASE_URL", "sqlite://:memory:"),
    # Nobody listens there: a test that needs Redis or mail asks for the fixture.
    "REDIS_URL": "redis+socket:///nonexistent/redis.sock",
    "EMAIL_URL": "smtp://localhost:1",
    # Tests that ask for notes of accepted mails name a folder of their own.
    "NOTICE_JOURNAL": "",
    "OPT_OUT_JOURNAL": "",
    # Nor there: a test that pays asks for the fixture `acquirer`.
    "PAYMENT_GATEWAY": "sandbox",
    "SANDBOX_URL": "http://localhost:1",
    "SANDBOX_SECRET": "tests-only-sandbox-secret",
    # Counts of visits are written when a test says so.
    "TRAFFIC_FLUSH_SECONDS": "1000000000",
}

# What a company would set. `manage.py check --deploy` must have nothing to say about it.
PRODUCTION = {
    **ENVIRONMENT,
    "DEBUG": "off",
    "SITE_URL": "https://www.bizsecure.com",
    "ALLOWED_HOSTS": "www.bizsecure.com",
    "DATABASE_URL": "postgres://portal:secret@database.internal/portal?sslmode=verify-full",
    "REDIS_URL": "rediss://:secret@redis.internal/0",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.internal:587",
    "POSTAL_ADDRESS": "BizSecure, 12 Harbor Road, Portland, Oregon 97201, USA",
    "STORAGE_LOCATION": "Ashburn, Virginia, United States of America",
    "PAYMENT_GATEWAY": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_for_the_check_alone",
    "STRIPE_WEBHOOK_SECRET": "whsec_for_the_check_alone",
}

os.environ.update(ENVIRONMENT)
