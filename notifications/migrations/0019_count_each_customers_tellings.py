"""Who is told is counted by looking up the tellings of each customer, and never those of all."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.counting import counted, uncounted
from notifications.telling_tallies import COUNTERS, TELLINGS

OF_TELLINGS = [counter for counter in COUNTERS if counter.table == TELLINGS]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0018_how_the_outbox_stood")]

    operations = [*map(uncounted, OF_TELLINGS), *map(counted, OF_TELLINGS)]
