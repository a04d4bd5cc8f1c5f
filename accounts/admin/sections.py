"""What the record of a customer is made of: each room adds what it keeps (DATA-2).

A room calls `add` in its admin module, which is loaded when the site starts. A section is a
template and what it shows; its buttons lead to pages whose forms call one service each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Customer


@dataclass(frozen=True)
class Button:
    """A way to a page about this customer, for whoever has the right to it."""

    title: Any
    page: str
    right: str
    fits: Callable[[Customer], bool] = lambda _customer: True


@dataclass(frozen=True)
class Section:
    """A part of a customer's record."""

    key: str
    title: Any
    template: str
    shows: Callable[[Customer], Mapping[str, Any]]
    place: int
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A section as it stands on the page of one customer."""

    section: Section
    content: Mapping[str, Any]
    buttons: list[tuple[Any, str]]


class AddedTwice(Exception):
    """A key that another section has already."""


_sections: dict[str, Section] = {}


def add(section: Section) -> None:
    """Add a section to the record; called while the site starts."""
    if section.key in _sections:
        raise AddedTwice(section.key)
    _sections[section.key] = section


def sections_of(request: HttpRequest, customer: Customer) -> list[Shown]:
    """Return the sections of this customer's record with what stands in them."""
    return [
        Shown(section, section.shows(customer), _buttons(request, section, customer))
        for section in sorted(_sections.values(), key=lambda each: each.place)
    ]


def _buttons(request: HttpRequest, section: Section, customer: Customer) -> list[tuple[Any, str]]:
    return [
        (button.title, reverse(f"admin:{button.page}", args=[customer.pk]))
        for button in section.buttons
        if request.user.has_perm(button.right) and button.fits(customer)
    ]
