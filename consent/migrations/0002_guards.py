"""What must hold for policies, notices and choices whatever code runs."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns, guard

VERSION = "consent_policyversion"
DECLARED = "consent_declareduse"


def _declared_when_posted(row: str) -> str:
    # Names of our own tables and nothing else are put into the text.
    return f"(SELECT status FROM {VERSION} WHERE id = {row}.version_id) <> 'draft'"  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial"), ("accounts", "0002_guards")]

    operations = [
        append_only("consent_acceptance"),
        append_only("consent_notice"),
        append_only("consent_choice"),
        frozen_columns(
            "consent_use",
            "identity",
            ["key", "purpose", "data", "recipient"],
            "a use never becomes another use",
        ),
        frozen_columns(
            VERSION,
            "text",
            [
                "slug",
                "number",
                "title",
                "summary",
                "text",
                "text_hash",
                "updated_on",
                "base_id",
                "published_at",
            ],
            "published text never changes",
            when="OLD.status <> 'draft'",
        ),
        guard(
            VERSION,
            "posted",
            ["DELETE"],
            "what was published stays",
            when="OLD.status <> 'draft'",
        ),
        guard(
            VERSION,
            "status",
            ["UPDATE"],
            "a version goes from draft to published to withdrawn",
            when=(
                "(OLD.status = 'withdrawn' AND NEW.status <> 'withdrawn') OR "
                "(OLD.status = 'published' AND NEW.status = 'draft') OR "
                "(OLD.status = 'draft' AND NEW.status = 'withdrawn')"
            ),
        ),
        guard(
            VERSION,
            "date",
            ["UPDATE"],
            "an earlier date needs a new round of notices",
            when=(
                "OLD.status <> 'draft' AND (NEW.round < OLD.round OR "
                "(NEW.effective_at < OLD.effective_at AND NEW.round = OLD.round))"
            ),
        ),
        guard(
            DECLARED,
            "of_published",
            ["INSERT"],
            "a published version declares what it declares",
            when=_declared_when_posted("NEW"),
        ),
        guard(
            DECLARED,
            "changed",
            ["UPDATE"],
            "a published version declares what it declares",
            when=f"{_declared_when_posted('NEW')} OR {_declared_when_posted('OLD')}",
        ),
        guard(
            DECLARED,
            "removed",
            ["DELETE"],
            "a published version declares what it declares",
            when=_declared_when_posted("OLD"),
        ),
    ]
