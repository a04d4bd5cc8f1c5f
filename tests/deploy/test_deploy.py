"""What a real site is set up with: it starts what there is, and its log leads to nobody."""

from __future__ import annotations

import re
import runpy
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
# What nginx knows of a visitor, or of what a visitor may read.
TELLING = (
    *("remote_addr", "remote_user", "realip", "forwarded", "http_referer", "http_user_agent"),
    *("cookie", "http_cookie", "request_uri", "query_string", "args", "$uri", "$request "),
)


def nginx() -> str:
    return (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_the_access_log_has_no_address_and_no_path_in_full() -> None:
    [written] = re.findall(r"log_format portal (.*?);", nginx(), re.DOTALL)
    assert [word for word in TELLING if word in f"{written} "] == []
    formats = set(re.findall(r"access_log (.*?);", nginx()))
    assert formats == {"off", "/var/log/nginx/portal.log portal"}


def test_the_error_log_is_too_quiet_to_name_visitors() -> None:
    levels = re.findall(r"error_log \S+ (\w+);", nginx())
    assert set(levels) == {"crit"}
    assert len(levels) == nginx().count("server {")


def test_tls_is_recent_and_its_ciphers_are_recommended() -> None:
    [protocols] = re.findall(r"ssl_protocols (.*?);", nginx())
    [ciphers] = re.findall(r"ssl_ciphers (.*?);", nginx())
    assert protocols.split() == ["TLSv1.2", "TLSv1.3"]
    # With forward secrecy, and authenticated.
    for cipher in ciphers.split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", cipher)
    assert "ssl_session_tickets off;" in nginx()


def test_pages_and_static_files_go_over_the_wire_compressed() -> None:
    assert "gzip on;" in nginx()
    assert "gzip_static on;" in nginx()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_a_service_starts_what_make_run_starts_and_may_do_little(service: Path) -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(service)
    started = unit["Service"]["ExecStart"]
    name = service.stem.removeprefix("portal-")
    local = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().strip().splitlines()
    )
    [module] = re.findall(r"python -m (\S+)", local[name])
    assert f"-m {module} " in started
    for promise in ("NoNewPrivileges", "PrivateTmp", "ProtectHome"):
        assert unit["Service"][promise] == "yes"
    assert unit["Service"]["User"] == "portal"


def test_a_worker_may_write_its_journal_where_the_example_puts_it() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    [folder] = re.findall(r"^NOTICE_JOURNAL=(.*)$", example, re.MULTILINE)
    worker = (DEPLOY / "systemd" / "portal-worker.service").read_text(encoding="utf-8")
    [state] = re.findall(r"^StateDirectory=(.*)$", worker, re.MULTILINE)
    assert Path(folder).is_relative_to(Path("/var/lib", state))


def test_the_web_processes_write_no_log_of_their_own() -> None:
    settings = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    assert settings["accesslog"] is None
    assert settings["timeout"] < 60


def test_the_web_processes_make_no_file_where_they_may_write_none() -> None:
    settings = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    assert settings["control_socket_disable"] is True
    assert Path(settings["worker_tmp_dir"]).is_relative_to("/dev")
