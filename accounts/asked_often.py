"""Questions about one customer that pages ask whenever they are opened.

Their statements are written once a process (bizsecure.core.prepared); their answers are not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, TypeVarTuple, cast

from django.db.models import QuerySet

from accounts.models import Customer
from bizsecure.core.prepared import A_KEY, A_WORD, Statement

# Of one question; each day makes a further one of some.
MOST_STATEMENTS = 64

Row = TypeVar("Row")
Shape = TypeVarTuple("Shape")

# Stands for the customer who asks; nobody is saved with such a key.
SOMEBODY = Customer(pk=A_KEY, address_digest=A_WORD)


def asked_often(
    question: Callable[[Customer, *Shape], QuerySet[Any, Row]],
) -> Callable[[Customer, *Shape], list[Row]]:
    """Answer with the rows of a question, whose statement is written once a process.

    The question is put together for a customer who stands for all of them: it may use the key or
    the digest of the address, and nothing else of the customer. Further arguments, and whatever
    it reads of the clock or of settings, are part of the statement; so a moment must come as an
    argument, and change seldom.
    """

    @lru_cache(maxsize=MOST_STATEMENTS)
    def statement(*shape: Any) -> tuple[Statement[Row], bool]:
        rows = question(SOMEBODY, *shape)
        by_address = A_WORD in rows.query.sql_with_params()[1]
        places = {"digest": A_WORD} if by_address else {"customer": A_KEY}
        return Statement(rows, **places), by_address

    @wraps(question)
    def answered(customer: Customer, *shape: *Shape) -> list[Row]:
        asked, by_address = statement(*shape)
        if by_address:
            return asked.ask(digest=customer.address_digest)
        return asked.ask(customer=customer.pk)

    return cast("Callable[[Customer, *Shape], list[Row]]", answered)
