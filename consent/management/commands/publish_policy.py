"""`manage.py publish_policy FILE`: publish a version of a policy from a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from consent.calendar import policy_zone
from consent.drafts import as_draft
from consent.models import PolicyVersion
from consent.policy_file import read_policy_file
from consent.reasons import Reason, sentence
from consent.services.publishing import (
    VersionDraft,
    add_translations,
    notice_period_ends,
    publish,
    save_draft,
)


class Command(BaseCommand):
    """Prints what happened as JSON. A refusal changes nothing, and ends with status 1."""

    help = "Publish a version of a policy from a Markdown file with front matter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--effective",
            help="from when it takes effect, instead of the date in the file: 2027-01-31, "
            "or a time with its offset from UTC",
        )
        parser.add_argument(
            "--draft", action="store_true", help="save it to be published by somebody else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with timezone.override(policy_zone()):
            try:
                draft = read_policy_file(options["file"], options["effective"])
                self._report(**_published(draft, only_save=options["draft"]))
            except Refused as refused:
                earliest = refused.facts.get("earliest", notice_period_ends(timezone.now()))
                self._report(refused=refused.reason.name, earliest_effective_at=earliest)
                raise CommandError(sentence(refused)) from refused

    def _report(self, **facts: Any) -> None:
        self.stdout.write(json.dumps(facts, default=_in_policy_zone, indent=2))


@transaction.atomic
def _published(draft: VersionDraft, *, only_save: bool) -> dict[str, Any]:
    posted = PolicyVersion.objects.of(draft.slug).posted().filter(number=draft.number).first()
    if posted is not None and _same_words(posted, draft):
        if posted.status == PolicyVersion.Status.WITHDRAWN:
            raise Refused(Reason.WITHDRAWN)
        add_translations(version=posted, translations=draft.translations)
        return _facts(posted, "published already")
    version = save_draft(draft=draft, actor=SYSTEM)
    if only_save:
        return _facts(version, "draft")
    return _facts(publish(version=version, actor=SYSTEM), "published")


def _same_words(posted: PolicyVersion, draft: VersionDraft) -> bool:
    """Whether the file says what was published.

    The date may have been moved since, and languages may be missing.
    """
    said = replace(draft, effective_at=posted.effective_at, translations=())
    return replace(as_draft(posted), translations=()) == said


def _facts(version: PolicyVersion, state: str) -> dict[str, Any]:
    return {
        "policy": version.slug,
        "version": version.number,
        "state": state,
        "effective_at": version.effective_at,
        "new_uses": [declared.use.key for declared in version.new_uses()],
        "translations": sorted(version.translations.values_list("language", flat=True)),
    }


def _in_policy_zone(value: Any) -> str:
    return timezone.localtime(value).isoformat()
