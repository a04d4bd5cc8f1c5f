"""A call that was heard stays heard."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("store", "0010_gateway_calls")]

    operations = [append_only("store_gatewaycall")]
