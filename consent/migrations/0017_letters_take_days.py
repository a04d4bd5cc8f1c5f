"""A letter counts as received some days after it was posted, which may be ahead of its recording."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

from bizsecure.core.counting import counted, uncounted
from bizsecure.core.triggers import append_only, guard, lifted
from consent.tallying import COUNTERS

TABLE = "consent_notice"
GUARDS = (
    append_only(TABLE),
    guard(
        TABLE,
        "of_draft",
        ["INSERT"],
        "nobody is told of a draft",
        when="(SELECT status FROM consent_policyversion WHERE id = NEW.version_id) = 'draft'",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0016_translations_of_versions")]

    operations = [
        # Those of other tables as well: they read this one, which SQLite makes anew.
        *map(uncounted, reversed(COUNTERS)),
        *map(lifted, reversed(GUARDS)),
        migrations.RemoveConstraint(model_name="notice", name="notice_not_ahead_of_time"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(told_at__lte=F("recorded_at")) | Q(channel="letter"),
                name="notice_not_ahead_of_time",
            ),
        ),
        *GUARDS,
        *map(counted, COUNTERS),
    ]
