"""Lines of the log: one each, JSON, in UTC, with the number of the request, and of nobody."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from pytest_django import Settings
from structlog.contextvars import bound_contextvars, get_contextvars

from accounts.models import Customer
from bizsecure.core.logs import at_home, facts_of, logging_settings
from bizsecure.core.request_ids import HEADER, put_along, task_begins, task_ended
from bizsecure.core.security_log import Event, note
from tests.core.lines import written
from tests.pages.browsing import give_password, sign_in

logger = logging.getLogger("tests.lines")
NUMBER = "0123456789abcdef0123456789abcdef"
broken = pytest.mark.urls("tests.pages.broken")


def save() -> None:
    """Fail as a database does, which names the row that is in the way."""
    try:
        int("Key (email)=(alice@example.com) already exists, Alice Adams")
    except ValueError as problem:
        raise RuntimeError("Alice Adams") from problem


def look_up() -> None:
    """Fail with words of its own."""
    raise LookupError("the words of it")


def test_a_line_says_when_where_and_what() -> None:
    with written() as lines:
        logger.warning("%s does not answer", "the broker")
    [line] = lines.all()
    assert line["event"] == "the broker does not answer"
    assert (line["level"], line["logger"]) == ("warning", "tests.lines")
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


@broken
def test_a_failure_is_told_by_its_kind_and_place_and_not_by_its_words(db: None) -> None:
    client = Client(raise_request_exception=False)
    with written() as lines:
        client.post("/broken/?a=alice@example.com", {"password": "hidden words"})
    [line] = lines.of("request failed")
    assert line["failed"][0]["kind"] == "RuntimeError"
    assert re.fullmatch(r"tests/pages/broken\.py:\d+ broken", line["failed"][0]["at"][-1])
    assert (line["route"], line["method"], line["status"]) == ("broken/", "POST", 500)
    assert "hidden words" not in lines.text
    assert "alice" not in lines.text


def test_what_a_database_says_of_a_row_is_not_repeated() -> None:
    with written() as lines:
        try:
            save()
        except RuntimeError:
            logger.exception("it could not be saved")
    [line] = lines.all()
    assert [each["kind"] for each in line["failed"]] == ["RuntimeError", "ValueError"]
    assert "Adams" not in lines.text


@pytest.mark.parametrize("path", ["/nowhere/Zm9vYmFyYmF6cXV4MTIz/", "/nowhere/alice@example.com/"])
def test_a_path_that_leads_nowhere_is_not_repeated(db: None, path: str) -> None:
    with written() as lines:
        Client().get(path)
    [line] = lines.of("no such page")
    assert (line["status"], line["route"]) == (404, None)
    assert "nowhere" not in lines.text


def test_whoever_is_refused_a_page_is_named_by_a_number(alice: Customer) -> None:
    client = Client()
    client.force_login(alice.user)  # type: ignore[arg-type]
    with written() as lines:
        client.get("/admin/accounts/customer/", follow=True)
    refused = lines.of("access refused")
    assert refused
    assert refused[-1]["user"] == alice.user_id
    assert alice.email not in lines.text


def test_too_many_tries_are_noted(db: None) -> None:
    client = Client()
    with written() as lines:
        for _ in range(6):
            client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert [line["status"] for line in lines.of("limit reached")] == [429]
    assert "nobody" not in lines.text


def test_a_form_without_its_token_and_a_foreign_host_are_noted(db: None) -> None:
    with written() as lines:
        Client(enforce_csrf_checks=True).post("/cart/add/", {})
        Client(headers={"host": "evil.example"}).get("/")
    assert lines.of("suspicious request: csrf")
    assert lines.of("suspicious request: DisallowedHost")
    assert "evil" not in lines.text


def test_signing_in_and_failing_to_is_noted(alice: Customer) -> None:
    give_password(alice)
    client = Client(headers={"user-agent": "one\r\nline{"})
    with written() as lines:
        sign_in(client, alice, password="not the words that open it")
        sign_in(client, alice)
        client.post("/accounts/logout/")
    assert [line["by"] for line in lines.of(Event.SIGN_IN_REFUSED.value)] == ["password"]
    for event in (Event.SIGNED_IN, Event.SIGNED_OUT):
        [line] = lines.of(event.value)
        assert line["user"] == alice.user_id
        assert re.fullmatch("[0-9a-f]{32}", line["request_id"])
    assert alice.email not in lines.text
    assert "not the words" not in lines.text


def test_a_cookie_that_was_altered_is_noted(db: None) -> None:
    client = Client(headers={"cookie": "cart=altered"})
    with written() as lines:
        client.get("/cart/")
    assert {line["what"] for line in lines.of(Event.TAMPERED.value)} == {"cookie cart"}
    assert "altered" not in lines.text


@pytest.mark.parametrize(
    "agent", ['x\r\n{"event": "signed in"}', "\u2028{}", "\x1b[2J", "a" * 5000]
)
def test_nobody_writes_a_line_of_their_own(db: None, agent: str) -> None:
    with written() as lines:
        note(Event.KEY_USED, purpose=agent)
        logger.warning("%s", agent)
    assert len(lines.text.splitlines()) == len(lines.all()) == 2
    assert not lines.of("signed in")


def test_each_answer_names_its_request_and_no_two_share_one(db: None) -> None:
    first, second = (Client().get("/healthz").headers[HEADER] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, NUMBER, True),
        (0, NUMBER, False),
        (1, "short", False),
        (1, NUMBER + "\n{}", False),
        (1, NUMBER.upper(), False),
    ],
)
def test_a_number_counts_that_our_own_proxy_gives(
    db: None, settings: Settings, proxies: int, given: str, is_taken: bool
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    answer = Client(headers={HEADER: given}).get("/healthz")
    assert (answer.headers[HEADER] == given) is is_taken


def test_after_a_request_nothing_of_it_is_left(db: None) -> None:
    Client().get("/healthz")
    assert "request_id" not in get_contextvars()


class Delivered:
    """A task as the worker has it, with what came along in its message."""

    name = "accounts.tasks.look_after_downloads"

    def __init__(self, **headers: str) -> None:
        self.request = SimpleNamespace(headers=headers)


def test_a_task_is_known_by_the_request_that_asked_for_it() -> None:
    headers: dict[str, Any] = {}
    with bound_contextvars(request_id=NUMBER):
        put_along(headers=headers)
    task = Delivered(**headers)
    task_begins(task_id="t-1", task=task)
    try:
        with written() as lines:
            logger.warning("working")
    finally:
        task_ended()
    [line] = lines.all()
    assert (line["request_id"], line["task_id"], line["task"]) == (NUMBER, "t-1", Delivered.name)
    assert get_contextvars() == {}


def test_a_message_to_a_worker_has_no_number_when_no_request_asked() -> None:
    headers: dict[str, Any] = {}
    put_along(headers=headers)
    assert headers == {}


def test_what_a_worker_says_of_a_task_has_neither_arguments_nor_results() -> None:
    data = {
        "id": "t-1",
        "name": "store.tasks.pay",
        "description": "raised unexpected",
        "exc": "ValueError('alice@example.com')",
        "args": "('Alice Adams',)",
        "traceback": "Alice Adams",
    }
    with written() as lines:
        logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s", data, extra={"data": data}
        )
    [line] = lines.all()
    assert line["event"] == "task raised unexpected"
    assert line["task"] == "store.tasks.pay"
    assert "Alice" not in lines.text
    assert "alice" not in lines.text


def test_workers_log_as_the_site_does() -> None:
    assert logging_settings(readable=False)["root"]["handlers"] == ["console", "reports"]
    assert django_settings.LOGGING["root"]["handlers"] == ["console", "reports"]
    assert "mail_admins" not in json.dumps(django_settings.LOGGING, default=str)


def test_at_home_a_line_can_be_read_and_has_the_whole_traceback() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(at_home())
    logger.addHandler(handler)
    try:
        try:
            look_up()
        except LookupError:
            logger.exception("it failed")
    finally:
        logger.removeHandler(handler)
    shown = stream.getvalue()
    assert "it failed" in shown
    assert 'raise LookupError("the words of it")' in shown
    assert not shown.startswith("{")


reported: list[dict[str, Any]] = []


def to_a_tracker(report: dict[str, Any]) -> None:
    """Take a report, as the function of a company would."""
    reported.append(report)


def to_nobody(report: dict[str, Any]) -> None:
    """Fail, as the function of a company may."""
    raise PermissionDenied


@broken
def test_failures_are_told_to_the_reporter_and_are_about_nobody(
    db: None, settings: Settings
) -> None:
    settings.ERROR_REPORTER = f"{__name__}.to_a_tracker"
    reported.clear()
    Client(raise_request_exception=False).post("/broken/", {"password": "hidden words"})
    [report] = reported
    assert report["event"] == "request failed"
    assert report["failed"][0]["kind"] == "RuntimeError"
    assert re.fullmatch("[0-9a-f]{32}", report["request_id"])
    assert "hidden words" not in json.dumps(report)
    assert "alice" not in json.dumps(report)


@broken
def test_a_reporter_that_fails_takes_no_page_with_it(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ERROR_REPORTER = f"{__name__}.to_nobody"
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500


def test_a_report_is_plain_data() -> None:
    record = logging.LogRecord("a.b", logging.ERROR, "p", 1, "it %s", ("failed",), None)
    assert json.loads(json.dumps(facts_of(record)))["event"] == "it failed"
