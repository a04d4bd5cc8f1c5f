"""Nothing of the machine is served, and what is there for machines says little."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.pages.browsing import text

OF_THE_MACHINE = (
    *("/.git/config", "/.git/HEAD", "/.env", "/.svn/entries", "/.DS_Store", "/Makefile"),
    *("/manage.py", "/bizsecure/settings.py", "/requirements.txt", "/var/db.sqlite3"),
    *("/static/", "/static/bizsecure/", "/static/../manage.py", "/static/%2e%2e/manage.py"),
    *("/static/..%2fmanage.py", "/media/", "/docs/", "/api/", "/swagger/", "/server-status"),
    *("/debug/", "/__debug__/", "/phpinfo.php", "/wp-login.php", "/backup.sql", "/dump.rdb"),
    *("/admin/doc/", "/static/bizsecure/js/portal.js.map", "/.well-known/", "/tests/"),
)


@pytest.mark.parametrize("path", OF_THE_MACHINE)
def test_nothing_of_the_machine_is_served(db: None, path: str) -> None:
    answer = Client().get(path, follow=True)
    is_sign_in = answer.request["PATH_INFO"] == "/accounts/login/"
    assert answer.status_code == 404 or is_sign_in
    assert "Index of" not in text(answer)
    assert "SECRET" not in text(answer)


def test_what_is_for_machines_says_little(db: None) -> None:
    client = Client()
    assert client.get("/metrics").status_code == 404
    assert len(client.get("/healthz").content) < 20
    assert len(client.get("/readyz").content) < 200
    for path in ("/", "/healthz", "/nowhere/", "/accounts/login/"):
        headers = client.get(path).headers
        assert not {"Server", "X-Powered-By", "X-Django-Version"} & set(headers), path
