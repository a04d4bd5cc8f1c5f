"""Which tests run on which database. All run on SQLite; here is what is left out on PostgreSQL.

What touches no database would be the same there. So would what is about pages and letters and not
about rows: words, headers, cookies, the way from one page to the next. The statements behind them
run on PostgreSQL all the same: each address is opened by everybody
(tests/pages/test_wrong_customer.py), its queries are counted (test_query_counts.py), each surface
gets everything nobody would send (test_surfaces.py, test_fuzz.py), and what a form does is done by
a service that has tests of its own.
"""

from __future__ import annotations

import pytest

# What a test asks for that touches a database.
OF_THE_DATABASE = {"db", "transactional_db", "database_url", "database_template"}
# Modules, or the beginnings of the names of tests in them.
ON_SQLITE_ALONE = (
    *(
        f"tests/pages/test_{name}.py"
        for name in (
            *("beside_the_policy", "browser_signal", "choices", "choose_link", "close", "errors"),
            *("headers", "language", "leaks", "notice", "observatory", "overview"),
            *("password_fields", "personal", "sign_in", "sign_up", "staff_today", "styleguide"),
            *("unsubscribe", "without_token"),
        )
    ),
    *(
        f"tests/pages/test_bad_input.py::test_{name}"
        for name in (
            *("a_body_of_another_form", "a_cookie_that", "a_count_of_changes", "a_header_that"),
            *("a_place_that_is_none", "characters_that_nobody_sees", "nobody_is_without_a_name"),
            *("nobody_joins_with", "whatever_a_customer_answers", "whatever_a_visitor_types"),
        )
    ),
    *(
        f"tests/accounts/test_{name}.py"
        for name in ("codes", "passkeys", "recent_proof", "remembered_name", "removing_factors")
    ),
    # One order of answers after the other; the statement behind the gate is asked the same in
    # any world (test_gate_in_any_world.py).
    "tests/consent/test_choices_machine.py",
    *(
        f"tests/consent/test_{name}.py"
        for name in ("disclosure_pages", "policy_admin", "policy_pages", "previewing")
    ),
    *(f"tests/core/test_{name}.py" for name in ("logs", "middleware", "remembered")),
    "tests/conduct/test_pages.py",
    *(
        f"tests/notifications/test_{name}.py"
        for name in (
            *("announcement_pages", "contact_pages", "kinds", "messages_pages", "providers"),
            "ways_in",
        )
    ),
    *(f"tests/promises/test_{name}.py" for name in ("cookie_1", "cookie_2", "cookie_3", "link_1")),
    *(
        f"tests/store/test_{name}.py"
        for name in ("cart_cookie", "checkout_pages", "shop_pages", "stripe")
    ),
    "tests/vault/test_card_pages.py",
)


def runs_on_postgres(item: pytest.Item) -> bool:
    """Return whether a test is about rows, or about what its database does with them."""
    asked_for = set(getattr(item, "fixturenames", ()))
    is_of_one = bool(asked_for & OF_THE_DATABASE) or item.get_closest_marker("django_db")
    return bool(is_of_one) and not item.nodeid.startswith(ON_SQLITE_ALONE)
