"""The site as gunicorn serves it for `make bench-load`, with an empty page beside the others."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# With DEBUG on, Django would write down every statement; the rest of it lets plain HTTP be.
settings.DEBUG = False
settings.ALLOWED_HOSTS = ["127.0.0.1"]
settings.ROOT_URLCONF = "benchmarks.empty_page"

application = get_wsgi_application()
