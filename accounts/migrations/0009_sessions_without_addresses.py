"""The list of sessions holds no address of a machine, whatever code writes to it (LOG-2)."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import guard


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_found_by_name_and_telephone"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        guard(
            "usersessions_usersession",
            "no_address",
            ["INSERT", "UPDATE"],
            "no address of a machine is kept beside a user",
            when="NEW.ip <> '0.0.0.0' OR NEW.user_agent <> ''",
        ),
    ]
