"""Who sells: what stands at the head of every invoice from now on. Earlier ones keep theirs."""

from __future__ import annotations

SELLER = """\
BizSecure, Inc.
1200 Harbor Street
Wilmington, DE 19801
United States of America
billing@bizsecure.com"""
