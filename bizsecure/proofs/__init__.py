"""Proof from outside: what the ledgers say can be checked by somebody who does not trust us."""
