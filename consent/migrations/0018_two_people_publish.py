"""Publishing takes two: who wrote a draft, and who agreed to it, stands among the events."""

from __future__ import annotations

from django.db import migrations, models

from bizsecure.core.triggers import append_only, guard, lifted

EVENTS = "consent_versionevent"
# Names of our own tables and nothing else are put into the text.
WRITTEN = f"(SELECT MAX(id) FROM {EVENTS} WHERE version_id = NEW.id AND kind = 'written')"  # noqa: S608
BY_STAFF = (
    f"EXISTS (SELECT 1 FROM {EVENTS} AS w WHERE w.id = {WRITTEN} AND w.actor_kind = 'staff' "  # noqa: S608
    f"AND NOT EXISTS (SELECT 1 FROM {EVENTS} AS a WHERE a.version_id = NEW.id "
    "AND a.kind = 'agreed' AND a.id > w.id AND a.actor_kind = 'staff' "
    "AND a.fingerprint = w.fingerprint AND a.actor_user_id <> w.actor_user_id))"
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0017_letters_take_days")]

    operations = [
        lifted(append_only(EVENTS)),
        migrations.AlterField(
            model_name="versionevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("written", "Written"),
                    ("agreed", "Agreed to"),
                    ("published", "Published"),
                    ("moved", "Date moved"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="versionevent",
            name="effective_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="versionevent",
            name="fingerprint",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="versionevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("fingerprint__gt", ""), ("kind__in", ["written", "agreed"]))
                | models.Q(
                    ("effective_at__isnull", False),
                    ("kind__in", ["published", "moved", "withdrawn"]),
                ),
                name="version_event_says_of_which_words",
            ),
        ),
        append_only(EVENTS),
        guard(
            "consent_policyversion",
            "takes_two",
            ["UPDATE"],
            "what a member of staff wrote another one agrees to",
            when=f"OLD.status = 'draft' AND NEW.status = 'published' AND {BY_STAFF}",
        ),
    ]
