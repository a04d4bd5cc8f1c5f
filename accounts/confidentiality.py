"""The confidentiality terms that staff accept before they see any customer's record (SEC-2).

A version that is posted never changes: other words are a further version, and everybody is
asked anew. `migrate` posts what is not posted yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

# An acceptance lasts a year, so that nobody forgets what they agreed to.
LASTS = timedelta(days=365)

WORDS: Mapping[int, str] = {
    1: """\
Customers of BizSecure trusted us with their names, addresses, telephone numbers and payments. \
Before you see any of it, you promise the following.

1. You open the record of a customer only when your work at that moment needs it. Curiosity, a \
favor for a friend and an order from somebody without a right to it are no reasons.

2. You give the true reason each time. The customer reads it, together with the day and your \
role.

3. You change a record, or write down a decision, only because the customer asked for it, and \
you write down how and when they asked. You never say yes in a customer's place.

4. You tell nobody outside the company what you saw, and nobody inside who does not need it for \
their work. You do not copy it into mails, notes, chats or files that are not part of the \
portal, and you do not photograph the screen.

5. You use your own sign-in and let nobody else use it. You lock your screen when you leave it.

6. When you notice that information was seen, sent or lost where it should not have been, you \
report it to the privacy officer the same day, also when it was your own mistake.

7. All this goes on after you leave the company. The portal records what you do here, and \
breaking these terms may cost you your position and bring the consequences the law provides.
""",
}
NEWEST = max(WORDS)


def words_hash(words: str) -> str:
    """Return the sha256 that an acceptance keeps of what was read."""
    return hashlib.sha256(words.encode()).hexdigest()


def accepted_since(now: datetime) -> datetime:
    """Return the time since which an acceptance still counts."""
    return now - LASTS
