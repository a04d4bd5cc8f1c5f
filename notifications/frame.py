"""What all our mails have in common."""

from __future__ import annotations

import re

import mrml
from django.conf import settings

REPLY_TO = f"support@{settings.MAIL_DOMAIN}"
# No autoresponder answers what says of itself that a machine wrote it (RFC 3834).
HEADERS = {"Auto-Submitted": "auto-generated"}
REPLYING = {"Auto-Submitted": "auto-replied"}
# The renderer would otherwise have every reader fetch fonts from another company.
NO_REMOTE_FONTS = mrml.RenderOptions(fonts={})
UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
