"""Who is told is counted by looking up the proofs of each customer, and never those of all."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.counting import counted, uncounted
from consent.tallying import COUNTERS

OF_PROOFS = [counter for counter in COUNTERS if counter.table == "consent_notice"]


class Migration(migrations.Migration):
    dependencies = [("consent", "0019_when_customers_refused")]

    operations = [*map(uncounted, OF_PROOFS), *map(counted, OF_PROOFS)]
