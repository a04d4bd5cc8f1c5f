"""The single mails that were written, as their readers get them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from notifications.models import MailContent

HOLE = re.compile(r"\[\[([a-z]+)\]\]")


@dataclass(frozen=True)
class Posted:
    """A single mail: its kind, to whom it goes, and its words with nothing left out."""

    kind: str
    to: list[str]
    subject: str
    body: str
    html: str


class Postbox:
    """All single mails so far, the oldest first, read anew at each look."""

    def __iter__(self) -> Iterator[Posted]:
        for content in MailContent.objects.select_related("mail").order_by("pk"):
            to, secrets = [content.mail.address], json.loads(content.secrets or "{}")
            text, html = _filled(content.text, secrets), _filled(content.html, secrets)
            yield Posted(content.kind, to, content.subject, text, html)

    def __getitem__(self, place: int) -> Posted:
        return list(self)[place]

    def __len__(self) -> int:
        return MailContent.objects.count()


def _filled(words: str, secrets: dict[str, str]) -> str:
    return HOLE.sub(lambda hole: secrets[hole[1]], words)


@pytest.fixture
def postbox(db: None) -> Postbox:
    """Give the single mails that were written."""
    return Postbox()
