"""The job's real parts, as the fault tests have them."""

from __future__ import annotations

from tests.faults.conftest import works

__all__ = ["works"]
