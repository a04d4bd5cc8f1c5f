from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns

TABLE = "notifications_announcement"
WORDS = (
    *("kind", "subject", "text", "audience", "audience_facts"),
    *("buyer", "part", "happens_on", "written_by_id"),
)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_announcements")]

    operations = [
        append_only("notifications_telling"),
        frozen_columns(
            TABLE,
            "as_agreed",
            WORDS,
            "what was agreed to stays as it is",
            when="OLD.agreed_at IS NOT NULL AND NEW.agreed_at IS NOT NULL",
        ),
        frozen_columns(
            TABLE,
            "as_released",
            (*WORDS, "campaign_id", "agreed_by_id", "agreed_at", "release_at"),
            "what was sent stays as it is",
            when="OLD.campaign_id IS NOT NULL",
        ),
    ]
