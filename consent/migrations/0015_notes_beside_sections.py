"""Plain words beside the sections of a policy, frozen with its text."""

from __future__ import annotations

from django.db import migrations, models

from bizsecure.core.triggers import frozen_columns, lifted

VERSION = "consent_policyversion"
TEXT = ["slug", "number", "title", "summary", "text"]
PROOFS = ["text_hash", "updated_on", "base_id", "published_at"]
MESSAGE, WHEN = "published text never changes", "OLD.status <> 'draft'"


class Migration(migrations.Migration):
    dependencies = [("consent", "0014_the_few_among_many")]

    operations = [
        lifted(frozen_columns(VERSION, "text", [*TEXT, *PROOFS], MESSAGE, when=WHEN)),
        # Added in place: Django would make the table anew on SQLite, and it is one that the
        # triggers of others read.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE {VERSION} ADD COLUMN notes text DEFAULT '' NOT NULL",
                    f"ALTER TABLE {VERSION} DROP COLUMN notes",
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="policyversion",
                    name="notes",
                    field=models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text=(
                            "Not binding. A line like “## 4” begins those of section 4, “For you:” "
                            "what it means for the reader, “Shows:” what customers see of their own."
                        ),
                        verbose_name="beside the sections",
                    ),
                ),
            ],
        ),
        frozen_columns(VERSION, "text", [*TEXT, "notes", *PROOFS], MESSAGE, when=WHEN),
    ]
