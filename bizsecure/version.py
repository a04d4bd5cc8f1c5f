"""The version of the portal: here and nowhere else. CHANGELOG.md says what each one brought."""

from __future__ import annotations

VERSION = "1.0.0"
