"""A proof of being told begins the thirty days, so there can be none for what is not posted."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_version_events")]

    operations = [
        guard(
            "consent_notice",
            "of_draft",
            ["INSERT"],
            "nobody is told of a draft",
            when="(SELECT status FROM consent_policyversion WHERE id = NEW.version_id) = 'draft'",
        ),
    ]
