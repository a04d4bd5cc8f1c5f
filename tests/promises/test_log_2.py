"""LOG-2: what is stored of visits cannot be joined to a customer, not even by us."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.test import Client

from accounts.models import Customer
from bizsecure.core.sealing import SealedCharField
from bizsecure.traffic.buffer import Buffer
from bizsecure.traffic.models import VisitCount
from consent.links import choose_token
from consent.models import PolicyVersion
from tests.pages.browsing import signed_in
from tests.traffic.conftest import buffer

__all__ = ["buffer"]

ADDRESS = "203.0.113.77"


def live_through_a_day(alice: Customer, change: PolicyVersion) -> None:
    browser = signed_in(alice)
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    for path in ("/account/", "/account/personal/", f"/choose/{token}/", "/account/log/", "/shop/"):
        before = f"http://testserver/choose/{token}/"
        assert browser.get(path, REMOTE_ADDR=ADDRESS, HTTP_REFERER=before).status_code == 200


def test_no_relation_leads_to_or_from_the_counts() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and isinstance(field.related_model, type):
                joined = {model._meta.app_label, field.related_model._meta.app_label}
                assert joined == {"traffic"} or "traffic" not in joined


def test_no_table_of_the_traffic_has_a_column_for_a_person() -> None:
    columns = {
        model.__name__: {field.name: type(field) for field in model._meta.fields}
        for model in apps.get_app_config("traffic").get_models()
    }
    key = {"id": models.BigAutoField}
    assert columns == {
        "VisitCount": {
            **key,
            "hour": models.DateTimeField,
            "dimension": models.CharField,
            "value": models.CharField,
            "number": models.PositiveIntegerField,
        },
        "DayKey": {
            **key,
            "uid": models.UUIDField,
            "day": models.DateField,
            "key": SealedCharField,
        },
        "NetworkSeen": {**key, "day": models.DateField, "token": models.CharField},
        "DayCount": {**key, "day": models.DateField, "networks": models.PositiveIntegerField},
    }


def test_nothing_counted_stands_in_any_other_table(
    buffer: Buffer, alice: Customer, change: PolicyVersion
) -> None:
    live_through_a_day(alice, change)
    buffer.flush()
    counted = set(VisitCount.objects.values_list("value", flat=True))
    assert counted
    shared = {
        (model.__name__, value)
        for model in apps.get_models()
        if model._meta.app_label != "traffic"
        for row in model._default_manager.values_list()
        for value in _texts(row)
        if value in counted
    }
    assert shared == set()


def test_nothing_of_the_customer_is_in_what_is_counted(
    buffer: Buffer, alice: Customer, change: PolicyVersion
) -> None:
    live_through_a_day(alice, change)
    buffer.flush()
    everything = "\n".join(VisitCount.objects.values_list("value", flat=True))
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    for trace in (alice.email, alice.name, alice.number, token, ADDRESS, "203.0.113"):
        assert trace not in everything
    assert "/choose/<str:token>/" in everything


def test_a_signed_in_customer_is_counted_like_anybody(
    buffer: Buffer, alice: Customer, policy: PolicyVersion
) -> None:
    signed_in(alice).get("/shop/", REMOTE_ADDR=ADDRESS)
    Client().get("/shop/", REMOTE_ADDR=ADDRESS)
    buffer.flush()
    assert list(VisitCount.objects.filter(dimension="page").values_list("number")) == [(2,)]


def _texts(row: tuple[Any, ...]) -> list[str]:
    return [value for value in row if isinstance(value, str)]
