from django.db import migrations, models

from bizsecure.core.triggers import OnTables, frozen_columns, lifted

TABLE = "notifications_announcement"
WORDS = (
    *("kind", "subject", "text", "audience", "audience_facts"),
    *("buyer", "part", "happens_on", "written_by_id"),
)
RELEASED = (*WORDS, "campaign_id", "agreed_by_id", "agreed_at", "release_at")


def _as_agreed(words: tuple[str, ...]) -> OnTables:
    return frozen_columns(
        TABLE,
        "as_agreed",
        words,
        "what was agreed to stays as it is",
        when="OLD.agreed_at IS NOT NULL AND NEW.agreed_at IS NOT NULL",
    )


def _as_released(words: tuple[str, ...]) -> OnTables:
    return frozen_columns(
        TABLE,
        "as_released",
        words,
        "what was sent stays as it is",
        when="OLD.campaign_id IS NOT NULL",
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0016_letters")]

    operations = [
        lifted(_as_released(RELEASED)),
        lifted(_as_agreed(WORDS)),
        migrations.AddField(
            model_name="announcement",
            name="translations",
            field=models.JSONField(default=dict),
        ),
        _as_agreed((*WORDS, "translations")),
        _as_released((*RELEASED, "translations")),
    ]
