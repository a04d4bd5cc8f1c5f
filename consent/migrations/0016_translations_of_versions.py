import django.db.models.deletion
from django.db import migrations, models

from bizsecure.core.triggers import guard

TABLE = "consent_versiontranslation"
# Names of our own tables and nothing else are put into the text.
POSTED = "(SELECT status FROM consent_policyversion WHERE id = OLD.version_id) <> 'draft'"


class Migration(migrations.Migration):
    dependencies = [("consent", "0015_notes_beside_sections")]

    operations = [
        migrations.CreateModel(
            name="VersionTranslation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                (
                    "summary",
                    models.TextField(
                        help_text="One sentence a line.", verbose_name="in plain words"
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="Markdown; sections begin with ##.", verbose_name="text"
                    ),
                ),
                (
                    "notes",
                    models.TextField(
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
                ("text_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("language", models.CharField(max_length=16)),
                ("uses", models.JSONField(default=dict)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="consent.policyversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="versiontranslation",
            constraint=models.UniqueConstraint(
                fields=("version", "language"), name="version_translation_once_a_language"
            ),
        ),
        # A translation may be added to a published version, and stays as it is from then on.
        guard(TABLE, "changed", ["UPDATE"], "published text never changes", when=POSTED),
        guard(TABLE, "removed", ["DELETE"], "what was published stays", when=POSTED),
    ]
