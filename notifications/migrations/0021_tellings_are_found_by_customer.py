"""Tellings are looked up by customer, whatever PostgreSQL thinks of the keys before them."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.counting import counted, uncounted
from notifications.telling_tallies import COUNTERS, TELLINGS

OF_TELLINGS = [counter for counter in COUNTERS if counter.table == TELLINGS]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0020_revisits")]

    operations = [*map(uncounted, OF_TELLINGS), *map(counted, OF_TELLINGS)]
