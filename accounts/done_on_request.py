"""What our staff did on a customer's request, in sentences for the customer.

A mail says it to who has an address, a letter to who has none (OPT-4). Each room says what it
does, from `AppConfig.ready()`; a request that no room describes says what it was about.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone, translation

from accounts.models import Mandate

Sentences = Callable[[Mandate], list[str]]

_described: dict[str, Sentences] = {}


class DescribedTwice(Exception):
    """A matter that another room describes already."""


def describe(matter: Mandate.Matter, sentences: Sentences) -> None:
    """Say how what is done on requests about this matter reads; called while the rooms start."""
    if matter in _described:
        raise DescribedTwice(matter)
    _described[matter] = sentences


def what_was_done(mandate: Mandate) -> list[str]:
    """Return what was done on this request, in the language and zone of the customer."""
    sentences = _described.get(mandate.matter)
    if sentences is None:
        return []
    customer = mandate.customer
    with translation.override(customer.language), timezone.override(customer.zone):
        return sentences(mandate)
