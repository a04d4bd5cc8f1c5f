"""Static files are compressed, named by what is in them, and never asked for again."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

WORDS = "p { color: green; }\n" * 200
A_YEAR = 365 * 24 * 60 * 60


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> tuple[WhiteNoiseMiddleware, str]:
    """Give what serves static files in production, over one sheet, and the sheet's address."""
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "sheet.css").write_text(WORDS, encoding="utf-8")
    settings.STATICFILES_DIRS = [tmp_path / "from"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "to")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    url = CompressedManifestStaticFilesStorage().url("sheet.css")
    return WhiteNoiseMiddleware(lambda _request: HttpResponse(status=404)), url


def asked(site: tuple[WhiteNoiseMiddleware, str], accepts: str) -> Any:
    middleware, url = site
    return middleware(RequestFactory().get(url, headers={"accept-encoding": accepts}))


# An answer that ends closes connections to the database, if there are any.
@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_browser_gets_it_compressed_and_keeps_it_for_good(
    site: tuple[WhiteNoiseMiddleware, str], encoding: str
) -> None:
    answer = asked(site, encoding)
    sent = b"".join(answer.streaming_content)
    answer.close()
    assert answer["Content-Encoding"] == encoding
    assert len(sent) < len(WORDS) / 10
    kept = dict(part.strip().partition("=")[::2] for part in answer["Cache-Control"].split(","))
    assert int(kept["max-age"]) >= A_YEAR
    assert "immutable" in kept
    if encoding == "gzip":
        assert gzip.GzipFile(fileobj=BytesIO(sent)).read().decode() == WORDS


def test_its_name_is_another_one_once_anything_in_it_is(
    site: tuple[WhiteNoiseMiddleware, str], settings: Settings
) -> None:
    _middleware, before = site
    [folder] = settings.STATICFILES_DIRS
    (folder / "sheet.css").write_text(f"{WORDS}a {{}}", encoding="utf-8")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert CompressedManifestStaticFilesStorage().url("sheet.css") != before
