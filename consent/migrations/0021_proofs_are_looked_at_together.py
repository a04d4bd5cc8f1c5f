"""Proofs that are added together are held against drafts together, and looked up once."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.counting import counted, uncounted
from bizsecure.core.triggers import guard, lifted
from consent.tallying import COUNTERS

LEDGERS = ("consent_notice", "consent_choice")
OF_LEDGERS = [counter for counter in COUNTERS if counter.table in LEDGERS]
OF_DRAFT = ("consent_notice", "of_draft", ["INSERT"], "nobody is told of a draft")
IS_DRAFT = "(SELECT status FROM consent_policyversion WHERE id = NEW.version_id) = 'draft'"
AMONG_ADDED = (
    "SELECT 1 FROM consent_policyversion WHERE status = 'draft'"
    " AND id IN (SELECT version_id FROM added)"
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0020_count_each_customers_proofs")]

    operations = [
        *map(uncounted, OF_LEDGERS),
        lifted(guard(*OF_DRAFT, when=IS_DRAFT)),
        guard(*OF_DRAFT, when=IS_DRAFT, once=AMONG_ADDED),
        *map(counted, OF_LEDGERS),
    ]
