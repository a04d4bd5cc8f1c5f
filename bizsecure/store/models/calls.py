"""That a gateway called: each event once, however often it is told."""

from __future__ import annotations

from django.db import models

from bizsecure.core.ledger import AppendOnlyRow


class GatewayCall(AppendOnlyRow):
    """An event of a gateway's. What it says is not believed: the gateway is asked."""

    gateway = models.CharField(max_length=16)
    event = models.CharField(max_length=255)
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=64, blank=True)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event"], name="gateway_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event}"
