"""Settings of the portal. What differs between machines comes from bizsecure.environment."""

from __future__ import annotations

from datetime import date

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

from bizsecure.admin_theme import STAFF_PAGES
from bizsecure.core.logs import logging_settings
from bizsecure.environment import BASE_DIR, Environment
from bizsecure.version import VERSION

env = Environment()

RELEASE = VERSION

DEBUG = env.debug
SECRET_KEY = env.secret_key()
SECRET_KEY_FALLBACKS = env.secret_key_fallbacks()
CRYPTOGRAPHY_KEYS = env.cryptography_keys()
DIGEST_KEY = env.digest_key()
PROOF_KEY = env.proof_key()
SITE_URL = env.site_url()
ALLOWED_HOSTS = env.allowed_hosts()
# Local development speaks plain HTTP; everything else is HTTPS only (SEC-1).
SECURE = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "bizsecure.core",
    "accounts",
    "consent",
    "notifications",
    "bizsecure.vault",
    "bizsecure.store",
    "bizsecure.conduct",
    "bizsecure.traffic",
    "bizsecure.proofs",
    "bizsecure.demo",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_countries",
]

MIDDLEWARE = [
    "bizsecure.core.request_ids.with_request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "bizsecure.core.middleware.response_headers",
    "bizsecure.core.languages.visitors_language",
    "bizsecure.traffic.middleware.count_visits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.session_limits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.current_customer",
    "consent.middleware.browser_signal",
    # Before allauth's own answer to the same exception: the last that is listed is asked first.
    "accounts.middleware.AskedAgain",
    "bizsecure.core.middleware.RefusalsInSentences",
]

ROOT_URLCONF = "bizsecure.urls"
WSGI_APPLICATION = "bizsecure.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"heroicons": "bizsecure.core.icons"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.remembered_visitor",
                "consent.context.open_changes",
                "notifications.context.open_announcements",
                "bizsecure.store.context.cart",
            ],
        },
    },
]

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, not in Redis: sign-in throttling is shared by all processes and goes on
# working while Redis is away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.LengthValidator"},
    {"NAME": "accounts.passwords.BlocklistValidator"},
    {"NAME": "accounts.passwords.BreachValidator"},
]
# A sorted list of SHA-1 hashes on this machine, or none: no password is asked of anybody else.
BREACHED_PASSWORDS = env.breached_passwords()
PASSWORD_HASHERS = ["accounts.hashers.StrongScryptPasswordHasher"]

LANGUAGE_CODE = "en"
# Each in its own words, as whoever looks for it reads it. docs/languages.md says how to add one.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "bizsecure" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["bizsecure.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "bizsecure" / "static"]
WHITENOISE_USE_FINDERS = DEBUG
# In tests too, where pytest turns DEBUG off, files are looked up when they are asked for.
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        ),
    },
}

# Cookies. The __Host- prefix ties a cookie to this host and to HTTPS, so no neighbor can set it.
COOKIE_PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# After the last use; accounts.lifetime says when a session ends for whom.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_SERIALIZER = "bizsecure.core.sessions.SealedSerializer"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "bizsecure.views.errors.without_token"
# A message cookie would carry sentences about a person outside the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Transport and browser rules.
SECURE_SSL_REDIRECT = SECURE
# Probes come from the machine itself and must not be sent elsewhere.
# A mail program that unsubscribes somebody follows no redirect; that page refuses plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^u/"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
TRUSTED_PROXY_COUNT = env.trusted_proxies()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    },
}

# The look of the staff pages.
UNFOLD = STAFF_PAGES

# Signing in (django-allauth).
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "bizsecure.store.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.sign_in_forms.NewAddressForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
    "login": "accounts.sign_in_forms.SignInForm",
    "reset_password": "accounts.sign_in_forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.sign_in_forms.NewPasswordForm",
    "set_password": "accounts.sign_in_forms.SetPasswordForm",
    "signup": "consent.forms.SignUpForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
# Beside allauth's own: codes that are tried by one who has none.
# And messages to us by form, counted by digests (notifications.budgets).
ACCOUNT_RATE_LIMITS = {
    "claim": "10/m/ip,50/d/ip",
    "contact_network": "30/h/key,200/d/key",
    "contact_sender": "5/h/key,15/d/key",
    "contact_again": "10/h/key,40/d/key",
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
PASSWORD_RESET_TIMEOUT = 60 * 60
MFA_ADAPTER = "accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.sign_in_forms.NewAppForm",
    "add_webauthn": "accounts.sign_in_forms.NewPasskeyForm",
    "authenticate": "accounts.sign_in_forms.CodeForm",
    "authenticate_webauthn": "accounts.sign_in_forms.PasskeySecondForm",
    "edit_webauthn": "accounts.sign_in_forms.PasskeyNameForm",
    "login_webauthn": "accounts.sign_in_forms.PasskeySignInForm",
    "reauthenticate": "accounts.sign_in_forms.CodeAgainForm",
    "reauthenticate_webauthn": "accounts.sign_in_forms.PasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "BizSecure"
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A browser that is trusted once and for all would be a second way in without a factor.
MFA_TRUST_ENABLED = False

# Mail. Single account mails go through Django's backend, campaigns through the outbox.
EMAIL_URL = env.email_url()
globals().update(env.email_settings())
EMAIL_TIMEOUT = 20
# How many connections all workers together may have open to the mail server, and how many mails a
# minute they may hand over: in all (0 is as fast as it takes them), and to each domain.
MAIL_CONNECTIONS = env.positive("MAIL_CONNECTIONS", default=32)
MAIL_PER_MINUTE = env.per_minute("MAIL_PER_MINUTE")
MAIL_DOMAIN_PER_MINUTE = env.per_minute_of_each("MAIL_DOMAIN_PER_MINUTE")
MAIL_DOMAIN = "bizsecure.com"
# What comes in, beside the pipe of the mail server: a mailbox, and the calls of a mail provider.
INBOX_URL = env.inbox_url()
MAILGUN_SIGNING_KEY = env.mailgun_signing_key()
# Other providers that call, by the names of notifications.providers, and what anymail is to know.
MAIL_PROVIDERS = env.mail_providers()
ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": MAILGUN_SIGNING_KEY, **env.anymail()}
# Stands in every mail that can be stopped, as the law asks.
EXAMPLE_ADDRESS = "BizSecure, 401 Commerce Street, Suite 200, Hoboken, New Jersey 07030, USA"
POSTAL_ADDRESS = env.postal_address(default=EXAMPLE_ADDRESS)
# Where the database lies; receipts tell customers.
EXAMPLE_LOCATION = "Hoboken, New Jersey, United States of America"
STORAGE_LOCATION = env.storage_location(default=EXAMPLE_LOCATION)
# With these, mail is signed here; without, by the relay it is handed to.
DKIM_KEY = env.dkim_key()
DKIM_SELECTOR = env.dkim_selector()
DEFAULT_FROM_EMAIL = f"BizSecure accounts <accounts@{MAIL_DOMAIN}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# When somebody last wrote to the security address and was answered. It is good for a year.
SECURITY_CONTACT_CHECKED_ON = date(2026, 11, 25)

# What the tests wrote down about the promises, for the page that shows them.
PROMISES_HELD_FILE = env.promises_held_file()

# Partners, by the key of the recipient in the register of disclosures (THIRD-2).
PARTNERS = {
    "geotrust": env.partner_url("GEOTRUST_URL"),
    "scanalert": env.partner_url("SCANALERT_URL"),
    "statuscake": env.partner_url("STATUSCAKE_URL"),
}
# How many seconds to wait before each further try of one pass; later passes try again.
PARTNER_PAUSES = (0.5, 2.0)

# The promise of CHANGE-2 is counted in this zone; the days themselves are law, not a setting.
POLICY_TIME_ZONE = "America/New_York"
# How long telling everyone may take. It is added to the notice period when a date is checked.
NOTICE_SENDING_HOURS = env.positive("NOTICE_SENDING_HOURS", default=24)
NOTICE_BATCH_SIZE = env.positive("NOTICE_BATCH_SIZE", default=2000)
NOTICE_COMMIT_EVERY = env.positive("NOTICE_COMMIT_EVERY", default=400)
# How long what was read of a mail may be relied on before it is offered: whoever opts out, moves
# or closes meanwhile is heard. A slow server would make a portion of mails old.
NOTICE_FRESH_SECONDS = 0.5
# Where workers note what was accepted and is not committed yet; empty for no notes.
NOTICE_JOURNAL = env.folder("NOTICE_JOURNAL", default=BASE_DIR / "var" / "journal")
# Where every no is noted beside the database, for the day it is restored; empty for no notes.
OPT_OUT_JOURNAL = env.folder("OPT_OUT_JOURNAL", default=BASE_DIR / "var" / "opt-outs")
# Longer than the ten minutes that a mail server may take to answer (RFC 5321, 4.5.3.2.6).
NOTICE_LEASE_SECONDS = env.positive("NOTICE_LEASE_SECONDS", default=900)
NOTICE_RETRY_SECONDS = env.positive("NOTICE_RETRY_SECONDS", default=300)
# How many deliveries run side by side, and how often it is looked whether there are any due.
NOTICE_DELIVERIES = env.positive("NOTICE_DELIVERIES", default=2)
NOTICE_SWEEP_SECONDS = env.positive("NOTICE_SWEEP_SECONDS", default=60)

# Cases: what people write to us. Within how many working days we want to have answered, and when
# what was discarded, or kept, after a review loses its content.
CASE_TARGET_DAYS = env.positive("CASE_TARGET_DAYS", default=2)
CASE_DISCARD_DAYS = env.positive("CASE_DISCARD_DAYS", default=30)
CASE_KEEP_DAYS = env.positive("CASE_KEEP_DAYS", default=3 * 365)
# What looks at each file that comes with a message: a function that takes its name and content,
# and returns whether it may be kept.
CASE_ATTACHMENT_SCANNER = "notifications.attachments.is_no_program"

# What Prometheus brings to read the metrics; without it there are none.
METRICS_TOKEN = env.metrics_token()
# How many days a mail that came to an end stays in the outbox, and in the customer's messages.
MAILS_KEPT_DAYS = env.mails_kept_days()

# Which tax is on what we sell: a function of bizsecure.store.pricing.TaxRule.
STORE_TAX_RULE = "bizsecure.store.pricing.without_tax"

# Being paid. The sandbox moves no money; Stripe asks for cards on its own page.
# How many years the law has orders, invoices and payments kept with who paid.
RECORDS_KEPT_YEARS = env.positive("RECORDS_KEPT_YEARS", default=7)
PAYMENT_GATEWAY = env.payment_gateway()
PAYMENT_TIMEOUT_SECONDS = env.positive("PAYMENT_TIMEOUT_SECONDS", default=10)
SANDBOX_URL, SANDBOX_SECRET = env.sandbox()
STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = env.stripe()
STRIPE_API = "https://api.stripe.com"

# Counts of visits: how long they wait in a process, and how long they are kept.
TRAFFIC_FLUSH_SECONDS = env.positive("TRAFFIC_FLUSH_SECONDS", default=60)
TRAFFIC_KEEP_DAYS = env.positive("TRAFFIC_KEEP_DAYS", default=400)

# Background work. Redis may forget everything: duties are rows, and the beat finds them again.
REDIS_URL = env.redis_url()
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A page must not wait for a broker that is away: the sweep picks the work up.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_VISIBILITY_TIMEOUT = 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TIMEZONE = "UTC"
# What is started when something happened that its customer is to hear of, whoever tells it.
NEWS_TASK = "notifications.tasks.tell_news"
CELERY_BEAT_SCHEDULE = {
    "erase closed accounts": {
        "task": "accounts.tasks.erase_closed_accounts",
        "schedule": crontab(minute=20),
    },
    "let changes of address lapse": {
        "task": "accounts.tasks.let_address_changes_lapse",
        "schedule": crontab(minute=25),
    },
    "make and delete downloads": {
        "task": "accounts.tasks.look_after_downloads",
        "schedule": 60.0,
    },
    "chain what belongs to no customer": {
        "task": "bizsecure.proofs.tasks.link_streams",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "sign what the ledgers gained": {
        "task": "bizsecure.proofs.tasks.sign_the_day",
        "schedule": crontab(minute=40),
    },
    "forget old counts of visits": {
        "task": "bizsecure.traffic.tasks.forget_old_counts",
        "schedule": crontab(hour=4, minute=10),
    },
    # Hourly, so that a machine which was off at midnight does not keep a key until the next one.
    "destroy the key that hashed networks yesterday": {
        "task": "bizsecure.traffic.tasks.forget_yesterdays_key",
        "schedule": crontab(minute=1),
    },
    # Every duty is a query over rows, so a missed tick is made up by the next one.
    "look after orders and services": {
        "task": "bizsecure.store.tasks.sweep_shop",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "tell customers of policy changes": {
        "task": "notifications.tasks.announce_changes",
        "schedule": crontab(minute=0),
    },
    "deliver mail that is due": {
        "task": "notifications.tasks.deliver_due_mail",
        "schedule": float(NOTICE_SWEEP_SECONDS),
        # A worker that was away finds the latest sweeps in its queue, not one for each minute.
        "options": {"expires": 2 * NOTICE_SWEEP_SECONDS},
    },
    "note how the outbox stands": {
        "task": "notifications.tasks.note_how_the_queue_stands",
        "schedule": crontab(minute="*/15"),
    },
    "hear what comes in by mail": {
        "task": "notifications.tasks.hear_mail",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "tell customers what was given to others": {
        "task": "consent.tasks.tell_of_disclosures",
        "schedule": crontab(minute=5),
    },
    "forget what is kept long enough": {
        "task": "bizsecure.store.tasks.forget_what_is_kept_long_enough",
        "schedule": crontab(hour=3, minute=50),
    },
    "keep the outbox small": {
        "task": "notifications.tasks.keep_outbox_small",
        "schedule": crontab(minute=40),
    },
    "keep the counts of reports few": {
        "task": "consent.tasks.merge_tallies",
        "schedule": crontab(minute=50),
    },
    "end decisions whose time is over": {
        "task": "bizsecure.conduct.tasks.end_decisions",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "pass on choices to partners": {
        "task": "bizsecure.store.tasks.keep_watches_as_chosen",
        "schedule": crontab(minute=35),
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "celerybeat-schedule")

# docs/logging.md says what is written, and what never is.
LOGGING = logging_settings(readable=DEBUG)
# A function that is told of each failure, without anything about a person; empty for none.
ERROR_REPORTER = env.error_reporter()
