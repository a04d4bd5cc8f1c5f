"""What Prometheus is told, and by which rules somebody is called."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer
from accounts.roles import Role
from consent.models import PolicyVersion
from notifications.metrics import exposition
from notifications.models import InboundMail
from notifications.services import hearing
from notifications.services.announcing import announce_changes
from notifications.services.hearing import hear, hear_waiting
from tests.builders import DAY, member
from tests.notifications.mail_shapes import a_mail
from tests.notifications.outbox import a_crowd, deliver
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.pages.browsing import signed_in_as, text

TOKEN = "a-token-of-thirty-two-characters"
LINE = re.compile(r"[a-z_]+(\{[a-z]+=\"[a-z0-9._-]+\"(,[a-z]+=\"[a-z0-9._-]+\")*\})? -?[0-9.e+]+")
ALERTS = Path(django_settings.BASE_DIR) / "deploy" / "alerts.yml"


def measured() -> dict[str, float]:
    lines = [line for line in exposition(timezone.now()).splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_the_mail_is_counted_by_kind_and_state(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan({bob.email: Act.reply(Stage.END, 550)})
    assert measured()["bizsecure_changes_unannounced"] == 1
    announce_changes()
    assert measured()['bizsecure_mails_waiting{kind="policy_notice",state="queued"}'] == 2

    deliver()

    values = measured()
    assert values['bizsecure_mails_waiting{kind="policy_notice",state="queued"}'] == 0
    assert values['bizsecure_mails_total{kind="policy_notice",outcome="accepted"}'] == 1
    assert values['bizsecure_mails_total{kind="policy_notice",outcome="refused"}'] == 1
    assert values['bizsecure_change_untold{policy="privacy",version="2"}'] == 1
    assert values['bizsecure_change_bounced{policy="privacy",version="2"}'] == 1
    assert values["bizsecure_changes_unannounced"] == 0


def test_the_age_of_the_queue_is_that_of_what_waits_for_a_worker(
    change: PolicyVersion, alice: Customer, clock: Traveller
) -> None:
    announce_changes()
    assert measured()["bizsecure_queue_age_seconds"] == 0
    clock.shift(DAY)
    assert measured()["bizsecure_queue_age_seconds"] == DAY.total_seconds()
    assert measured()['bizsecure_batches{state="free"}'] == 1


def test_what_came_in_and_is_not_handled_is_measured(
    policy: PolicyVersion, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def states() -> list[float]:
        values = measured()
        names = ("waiting", "failing", "stuck")
        return [values[f'bizsecure_inbound_mails{{state="{name}"}}'] for name in names]

    assert states() == [0, 0, 0]
    monkeypatch.setattr(hearing, "sort", lambda **_facts: 1 / 0)
    hear(raw=a_mail(), way=InboundMail.Way.PIPE)
    assert states() == [0, 1, 0]
    for _each in range(hearing.MOST_ATTEMPTS):
        clock.shift(DAY)
        assert measured()["bizsecure_inbound_age_seconds"] > 0
        hear_waiting()
        if states() == [0, 0, 1]:
            break
    assert states() == [0, 0, 1]
    assert measured()["bizsecure_inbound_age_seconds"] == 0
    support = signed_in_as(member(Role.SUPPORT))
    said = "Mails that came in and could not be handled"
    assert said in text(support.get("/admin/"))
    monkeypatch.undo()
    stuck = InboundMail.objects.get()
    press = {"action": "try_again", "_selected_action": [stuck.pk]}
    page = "/admin/notifications/inboundmail/"
    assert "1 mail is tried again." in text(support.post(page, press, follow=True))
    assert "0 mails are tried again." in text(support.post(page, press, follow=True))
    assert hear_waiting() == 1
    assert said not in text(support.get("/admin/"))


def test_measuring_takes_the_same_statements_for_few_and_for_many(
    change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    announce_changes()
    for more in (1, 50):
        a_crowd(more)
        with django_assert_num_queries(22):
            exposition(timezone.now())


def test_the_page_wants_the_token(db: None, settings: Any) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN

    for brought in ("", "Bearer", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer \xfc"):
        answer = Client().get("/metrics", headers={"Authorization": brought})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')

    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert "# TYPE bizsecure_queue_age_seconds gauge" in answer.text


def test_no_alert_asks_for_what_is_not_measured(change: PolicyVersion, alice: Customer) -> None:
    announce_changes()
    known = {name.partition("{")[0] for name in measured()} | {"up"}
    rules: list[dict[str, Any]] = [
        rule
        for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]

    assert len(rules) == len({rule["alert"] for rule in rules}) > 5
    for rule in rules:
        asked = set(re.findall(r"\b(bizsecure_\w+|up)\b(?=[{ )])", f"{rule['expr']} "))
        assert asked, rule["alert"]
        assert asked <= known, rule["alert"]
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("word", ["customer", "address", "email"])
def test_no_label_is_about_a_person(word: str, change: PolicyVersion, alice: Customer) -> None:
    announce_changes()
    assert f"{word}=" not in exposition(timezone.now())
