"""Beside each section of a policy: plain words, and what it means for whoever reads it."""

from __future__ import annotations

from dataclasses import replace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.models import PolicyVersion
from consent.notes import Topic
from consent.reasons import Reason
from consent.services.publishing import VersionDraft, save_draft, withdraw
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft, published
from tests.consent.asking import refusal
from tests.pages.browsing import signed_in
from tests.pages.conftest import Belongings

TEXT = "## 1. What we hold\n\nThe text that binds.\n\n## 2. Saying no\n\nMore of it."
NOTES = f"""
## 1
Said in plain words.
For you: What it means in general.
Shows: {", ".join(Topic)}

## 2
You can say no.
Shows: product-news, uptime-watch
"""
# Whatever the page tells customers of their own: three for the choices in force, and one or two
# for each of the nine topics, beside what the page costs anyway.
MOST_QUERIES = 30


def explained(number: int, notes: str = NOTES) -> VersionDraft:
    draft = a_draft(number, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, text=TEXT)
    return replace(draft, notes=notes)


def test_everybody_reads_plain_words_beside_the_text_that_binds(client: Client, db: None) -> None:
    version = published(explained(1))
    page = client.get(version.get_absolute_url()).text
    for words in ("The text that binds.", "Said in plain words.", "What it means in general."):
        assert words in page
    assert "explains them and binds nobody" in page
    assert "our customer" not in page


def test_a_customer_reads_how_it_stands_with_her_own(belongings: Belongings) -> None:
    version = published(explained(3))
    client = signed_in(belongings.customer)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(version.get_absolute_url())
    assert len(asked) <= MOST_QUERIES
    first, second = page.context["clauses"]
    facts = " ".join(fact.text for fact in first.facts)
    assert len(first.facts) == len(Topic)
    for words in (
        "name, company, e-mail address, telephone number, language, time zone, billing address",
        "One card of yours is kept",
        "Our staff opened your record once within a year",
        "One of your messages waits",
        "The cart that we keep for you is empty.",
        "Your information last changed on",
        "Your list shows no such disclosure.",
        "waits for your answer",
    ):
        assert words in facts
    assert [(each.use_key, each.allowed) for each in second.decisions] == [
        ("product-news", False),
        ("uptime-watch", True),
    ]
    # What is held is named, and shown on the page behind the link alone.
    assert belongings.customer.email not in facts
    assert "555-0142" not in page.text


def test_somebody_new_reads_that_there_is_nothing_yet(alice: Customer) -> None:
    page = signed_in(alice).get(published(explained(3)).get_absolute_url())
    facts = " ".join(fact.text for fact in page.context["clauses"][0].facts)
    for words in (
        "No card of yours is kept.",
        "None of our staff opened your record",
        "You have not written to us",
        "Nothing of yours has gone to anybody yet.",
        "Your information has never changed.",
    ):
        assert words in facts


def test_a_version_that_binds_nobody_says_nothing_of_a_customers_own(
    alice: Customer, policy: PolicyVersion
) -> None:
    version = published(explained(2))
    withdraw(version=version, actor=SYSTEM)
    page = signed_in(alice).get(version.get_absolute_url())
    assert "Said in plain words." in page.text
    assert all(not clause.facts and not clause.decisions for clause in page.context["clauses"])


def test_notes_that_fit_no_section_are_refused_whoever_writes_them(policy: PolicyVersion) -> None:
    unfit = explained(2, "## 7\nThere is no such section.")
    assert refusal(save_draft, draft=unfit, actor=SYSTEM) == Reason.NOTES_UNFIT
    assert not PolicyVersion.objects.filter(number=2).exists()
