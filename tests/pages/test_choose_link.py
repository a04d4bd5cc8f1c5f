"""The link in a notice mail: a no counts at once, a yes asks to sign in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from accounts.remembered import NAME_COOKIE, remember
from bizsecure.core.keyring import keyring
from consent.gate import may_use
from consent.links import choose_token
from consent.models import Choice, Notice, PolicyVersion
from consent.services.publishing import save_draft, withdraw
from tests.builders import (
    DAY,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
    say_yes,
    tell,
)
from tests.cast import Thief
from tests.pages.browsing import give_password, sign_in, signed_in, stored, text
from tests.pages.conftest import Belongings


def link(customer: Customer, version: PolicyVersion) -> str:
    return f"/choose/{choose_token(customer_id=customer.pk, version_id=version.pk)}/"


def send(client: Client, address: str, **answers: str) -> Any:
    return client.post(address, answers)


def choices(customer: Customer) -> list[tuple[str, str, str, str]]:
    rows = Choice.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("use__key", "decision", "method", "actor_kind"))


REFUSED = ("uptime-watch", "refused", "mail_link", "customer")


def test_a_no_counts_at_once_and_without_a_session(alice: Customer, change: PolicyVersion) -> None:
    client = Client()
    response = send(client, link(alice, change), **{"uptime-watch": "no"})
    assert "Your no is saved and counts at once." in text(response)
    assert choices(alice) == [REFUSED]
    assert not Session.objects.exists()


def test_a_no_takes_back_an_earlier_yes(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change) + DAY)
    assert may_use(alice, "uptime-watch").allowed
    send(Client(), link(alice, change), **{"uptime-watch": "no"})
    assert not may_use(alice, "uptime-watch").allowed


def test_a_no_sent_twice_is_written_down_once(alice: Customer, change: PolicyVersion) -> None:
    for _ in range(2):
        response = send(Client(), link(alice, change), **{"uptime-watch": "no"})
        assert response.status_code == 200
    assert choices(alice) == [REFUSED]


def test_a_yes_is_not_recorded_and_leads_to_signing_in(
    alice: Customer, change: PolicyVersion
) -> None:
    give_password(alice)
    client = Client()
    before = stored()
    response = send(client, link(alice, change), **{"uptime-watch": "yes"})
    assert stored() == before
    page = text(response)
    assert "One more step for your yes" in page
    assert 'href="/accounts/login/?next=/account/notices/2/"' in page
    response = sign_in(client, alice, next="/account/notices/2/")
    assert response.headers["Location"] == "/account/notices/2/"


def test_of_several_answers_the_no_counts_and_the_yes_waits(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    change = published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, a_use("dns-watch")))
    response = send(Client(), link(alice, change), **{"uptime-watch": "no", "dns-watch": "yes"})
    assert choices(alice) == [REFUSED]
    assert "One more step for your yes" in text(response)


def test_opening_the_link_records_nothing(mallory: Thief, alice: Customer) -> None:
    before = stored()
    for method in (mallory.client.get, mallory.client.head):
        assert method(f"/choose/{mallory.token}/").status_code == 200
    assert stored() == before


def test_the_page_names_nobody(belongings: Belongings) -> None:
    address = link(belongings.customer, belongings.change)
    pages = [
        Client().get(address),
        send(Client(), address),
        send(Client(), address, **{"uptime-watch": "yes"}),
        send(Client(), address, **{"uptime-watch": "no"}),
    ]
    for page in map(text, pages):
        assert not [secret for secret in belongings.secrets if secret in page]


def test_the_page_does_not_tell_what_was_answered_before(
    alice: Customer, change: PolicyVersion
) -> None:
    before = text(Client().get(link(alice, change)))
    say_yes(alice, change, "uptime-watch")
    after = text(Client().get(link(alice, change)))
    assert before == after
    assert "You said" not in after


def test_the_page_does_not_show_the_name_this_browser_remembers(
    alice: Customer, change: PolicyVersion
) -> None:
    client = Client()
    response = client.get("/shop/")
    remember(response, "Mallory")  # type: ignore[arg-type]
    client.cookies[NAME_COOKIE.key] = response.cookies[NAME_COOKIE.key].value
    assert "Welcome back, Mallory." in text(client.get("/"))
    assert "Mallory" not in text(client.get(link(alice, change)))


def test_whoever_is_signed_in_answers_for_whom_the_mail_was_sent_to(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    send(signed_in(bob), link(alice, change), **{"uptime-watch": "no"})
    assert choices(alice) == [REFUSED]
    assert choices(bob) == []


def test_a_thief_can_say_no_and_nothing_else(mallory: Thief, alice: Customer) -> None:
    address = f"/choose/{mallory.token}/"
    send(mallory.client, address, **{"uptime-watch": "yes", "product-news": "yes"})
    send(mallory.client, address, **{"uptime-watch": "no", "product-news": "no"})
    assert choices(alice) == [REFUSED]
    assert not Notice.objects.filter(customer=alice).exists()
    assert mallory.client.get("/account/").status_code == 302


@pytest.mark.parametrize("sent", [{}, {"uptime-watch": ""}, {"uptime-watch": "perhaps"}])
def test_a_form_without_an_answer_says_what_is_missing(
    mallory: Thief, sent: dict[str, str]
) -> None:
    before = stored()
    response = send(mallory.client, f"/choose/{mallory.token}/", **sent)
    assert response.status_code == 422
    assert 'id="error-summary"' in text(response)
    assert "Choose whether we may use your information this way." in text(response) or sent
    assert stored() == before


def test_a_withdrawn_change_is_gone_and_asks_nothing(
    alice: Customer, change: PolicyVersion
) -> None:
    withdraw(version=change, actor=SYSTEM)
    for response in (
        Client().get(link(alice, change)),
        send(Client(), link(alice, change), **{"uptime-watch": "no"}),
    ):
        assert response.status_code == 410
        assert "This change was withdrawn" in text(response)
        assert "<form" not in text(response)
    assert choices(alice) == []


def test_a_link_stays_good_after_the_change_took_effect(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change) + 400 * DAY)
    response = send(Client(), link(alice, change), **{"uptime-watch": "no"})
    assert response.status_code == 200
    assert choices(alice) == [REFUSED]


def test_a_closed_account_has_no_link(alice: Customer, change: PolicyVersion) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    assert Client().get(link(alice, change)).status_code == 404
    assert send(Client(), link(alice, change), **{"uptime-watch": "no"}).status_code == 404


def test_a_draft_has_no_link(alice: Customer, policy: PolicyVersion) -> None:
    draft = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    assert Client().get(link(alice, draft)).status_code == 404


def strange(token: str) -> list[str]:
    """Return texts that look like this token and are none."""
    flipped = ["A" if letter != "A" else "B" for letter in token]
    return [
        token[:-1],
        token[1:],
        token * 2,
        token + "A",
        token.upper(),
        token.lower(),
        keyring().seal_link("bounce", 1, 2),
        keyring().seal_link("choose", 10**18, 10**18),
        keyring().seal_link("choose", 2**64 - 1, 2**64 - 1),
        "A",
        "-",
        "x" * 10_000,
        "%00",
        "%ff",
        "é",
        "1.2",
        "None",
        # All but the last letter, which has bits that stand for nothing.
        *(token[:place] + flipped[place] + token[place + 1 :] for place in range(len(token) - 1)),
    ]


def test_no_other_text_is_a_link(mallory: Thief, alice: Customer) -> None:
    before = stored()
    for token in strange(mallory.token):
        for method in (mallory.client.get, mallory.client.post):
            assert method(f"/choose/{token}/").status_code == 404, token
    assert stored() == before


def test_a_no_from_a_browser_that_refuses_cookies_counts(
    alice: Customer, change: PolicyVersion
) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(link(alice, change))
    assert not page.cookies
    response = send(client, link(alice, change), **{"uptime-watch": "no"})
    assert response.status_code == 200
    assert choices(alice) == [REFUSED]
