"""Append-only tables without a customer: chained, verified, and under the signed heads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Customer
from bizsecure.core import streams as streaming
from bizsecure.core.ledger import FIRST, AppendOnlyRow, LedgerRow
from bizsecure.core.streams import SETTLED_AFTER, link_new, streams
from bizsecure.core.triggers import append_only
from bizsecure.proofs.models import Head, Link, Part
from bizsecure.proofs.services.heading import make_head
from bizsecure.proofs.tasks import link_streams
from consent.models import Choice, Declaration, PolicyVersion
from tests.builders import say_no

# A migration declares who may be given what, so there are always some.
TABLE = Declaration._meta.db_table
DAY = timedelta(days=1)


def wrong(capsys: pytest.CaptureFixture[str]) -> list[tuple[Any, ...]]:
    """Return table, place, row and problem of all that verify_ledger finds."""
    with suppress(SystemExit):
        call_command("verify_ledger")
    found = json.loads(capsys.readouterr().out)["findings"]
    return [(each["table"], each["place"], each["row"], each["problem"]) for each in found]


def by_hand(table: str, statement: str, *values: Any) -> None:
    """Do what only somebody can do who may take the guard off."""
    connection.check_constraints()
    guard: Any = append_only(table)
    guard.reverse_code(None, connection.schema_editor())
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def linked(db: None) -> list[Link]:
    """Give the stream of what is declared, linked."""
    link_new(now=timezone.now())
    return list(Link.objects.filter(stream=TABLE).order_by("place"))


def guarded_tables() -> set[str]:
    """Return every table of which the database itself says that rows are only ever added."""
    asked = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        rows = cursor.fetchall()
    return {table for table, name in rows if re.match(rf"{table}_append_only", name)}


def test_every_append_only_table_is_chained_or_is_a_chain_itself(db: None) -> None:
    chained = {model._meta.db_table for model in streams()}
    ledgers = {model._meta.db_table for model in apps.get_models() if issubclass(model, LedgerRow)}
    by_themselves = {model._meta.db_table for model in (Head, Part, Link)}

    assert guarded_tables() == chained | ledgers | by_themselves
    assert not chained & (ledgers | by_themselves)
    assert {"consent_addressoptout", "consent_versionevent", "consent_grantuse"} <= chained


def test_each_row_gets_its_place_behind_the_one_before(linked: list[Link]) -> None:
    rows = list(Declaration.objects.order_by("pk").values_list("pk", flat=True))

    assert [link.row for link in linked] == rows
    assert [link.place for link in linked] == list(range(1, len(rows) + 1))
    assert [link.previous_hash for link in linked] == [
        FIRST,
        *[link.row_hash for link in linked[:-1]],
    ]


def test_a_second_sweep_links_nothing_twice(
    linked: list[Link], policy: PolicyVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Link.objects.count()
    link_streams()
    news = Link.objects.count() - before
    assert news == Link.objects.filter(stream="consent_versionevent").count() > 0

    link_streams()
    assert Link.objects.count() - before == news
    assert wrong(capsys) == []


def test_a_stream_is_linked_page_by_page(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(streaming, "ROWS_AT_ONCE", 3)
    link_new(now=timezone.now())

    assert Link.objects.filter(stream=TABLE).count() == Declaration.objects.count() > 3
    assert wrong(capsys) == []


def test_whoever_comes_second_leaves_the_place_to_the_first(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = streaming.unlinked

    def another_is_faster(model: type[AppendOnlyRow]) -> Any:
        monkeypatch.setattr(streaming, "unlinked", asked)
        news = list(asked(model).values_list("pk", flat=True))
        link_new(now=timezone.now())
        return model._base_manager.filter(pk__in=news).order_by("pk")

    monkeypatch.setattr(streaming, "unlinked", another_is_faster)
    link_new(now=timezone.now())

    rows = Link.objects.filter(stream=TABLE).values_list("row", flat=True)
    assert sorted(rows) == sorted(Declaration.objects.values_list("pk", flat=True))


def test_an_altered_row_is_named(linked: list[Link], capsys: pytest.CaptureFixture[str]) -> None:
    by_hand(TABLE, f"UPDATE {TABLE} SET ground = 'law' WHERE id = %s", linked[3].row)
    assert wrong(capsys) == [(TABLE, 4, linked[3].row, "altered")]


def test_a_removed_row_is_named(linked: list[Link], capsys: pytest.CaptureFixture[str]) -> None:
    by_hand(TABLE, f"DELETE FROM {TABLE} WHERE id = %s", linked[3].row)
    assert wrong(capsys) == [(TABLE, 4, linked[3].row, "removed")]


def test_a_removed_link_is_named(linked: list[Link], capsys: pytest.CaptureFixture[str]) -> None:
    by_hand("proofs_link", "DELETE FROM proofs_link WHERE id = %s", linked[3].pk)
    assert wrong(capsys) == [(TABLE, 4, None, "removed")]


def test_a_row_that_came_when_its_time_was_over_is_named(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Declaration.objects.order_by("pk")[0]
    asked = streaming.unlinked
    with monkeypatch.context() as earlier:
        # When the others were linked, it was not there.
        earlier.setattr(streaming, "unlinked", lambda model: asked(model).filter(pk__gt=first.pk))
        link_new(now=timezone.now() - SETTLED_AFTER - DAY)

    link_new(now=timezone.now())

    assert (TABLE, 0, first.pk, "inserted") in wrong(capsys)


def test_a_column_that_a_table_gains_later_does_not_break_what_was_linked(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_known = streaming.columns_of

    def fewer(model: type[AppendOnlyRow]) -> list[str]:
        return now_known(model)[:-1]

    with monkeypatch.context() as earlier:
        earlier.setattr(streaming, "columns_of", fewer)
        link_new(now=timezone.now())
    assert wrong(capsys) == []


def signed_twice() -> None:
    """Sign two heads: the second covers what was there at the first."""
    now = timezone.now()
    make_head(now=now - DAY)
    make_head(now=now)


def test_links_are_under_the_signed_heads(
    linked: list[Link], capsys: pytest.CaptureFixture[str]
) -> None:
    signed_twice()
    covered = Head.objects.get(number=2).contents["ledgers"]["proofs_link"]
    assert covered["rows"] == Link.objects.count()
    assert wrong(capsys) == []


def _cut_the_end() -> None:
    last = Choice.objects.latest("pk")
    by_hand("consent_choice", "DELETE FROM consent_choice WHERE id = %s", last.pk)


def _alter_a_head() -> None:
    by_hand("proofs_head", "UPDATE proofs_head SET signature = %s WHERE number = 2", "0" * 128)


def _remove_a_head() -> None:
    by_hand("proofs_head", "DELETE FROM proofs_head WHERE number = 1")


def _alter_a_part() -> None:
    by_hand(
        "proofs_part", "UPDATE proofs_part SET root = %s WHERE ledger = 'consent_choice'", "1" * 64
    )


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (_cut_the_end, ("consent_choice", 2, "not as signed")),
        (_alter_a_head, ("proofs_head", 2, "altered")),
        (_remove_a_head, ("proofs_head", 1, "removed")),
        (_alter_a_part, ("proofs_part", 2, "altered")),
    ],
    ids=["rows at the end", "signature", "head", "part"],
)
def test_what_was_signed_is_compared_with_what_is_there(
    alice: Customer,
    policy: PolicyVersion,
    capsys: pytest.CaptureFixture[str],
    done: Callable[[], None],
    found: tuple[str, int, str],
) -> None:
    say_no(alice, policy, "product-news")
    signed_twice()
    assert wrong(capsys) == []

    done()

    assert [(table, place, problem) for table, place, _row, problem in wrong(capsys)] == [found]
