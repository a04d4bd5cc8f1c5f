from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bizsecure.core.cookies import LARGEST_VALUE
from bizsecure.core.errors import Refused
from bizsecure.store.cart import (
    LARGEST_QUANTITY,
    LONGEST_SLUG,
    MOST_LINES,
    Cart,
    CartLine,
    Flaw,
    Item,
    Refusal,
    add,
    change,
    pack,
    remove,
    sift,
    unpack,
)
from bizsecure.store.cart_cookie import CART_COOKIE, keep_cart, kept_cart
from bizsecure.store.pricing import Period

HOSTING = Item("shared-hosting", Period.MONTH.value)
DOMAIN = Item("domain-name", Period.YEAR.value)
ONE_HOSTING = Cart((CartLine(HOSTING),))


def full_cart() -> Cart:
    slugs = (f"{number:-<{LONGEST_SLUG}}" for number in range(MOST_LINES))
    return Cart(tuple(CartLine(Item(slug, "month"), LARGEST_QUANTITY) for slug in slugs))


def test_a_new_cart_is_empty() -> None:
    assert (Cart().count, Cart().lines) == (0, ())


def test_what_is_added_is_in_the_cart_once() -> None:
    assert add(Cart(), HOSTING) == ONE_HOSTING


def test_adding_twice_leaves_one_in_the_cart() -> None:
    assert add(ONE_HOSTING, HOSTING) == ONE_HOSTING


def test_adding_what_is_there_leaves_its_quantity_as_it_is() -> None:
    three = change(ONE_HOSTING, HOSTING, 3)
    assert add(three, HOSTING) == three


def test_the_same_product_by_the_month_and_by_the_year_are_two_lines() -> None:
    both = add(ONE_HOSTING, Item(HOSTING.slug, "year"))
    assert (len(both.lines), both.count) == (2, 2)


def test_a_full_cart_takes_no_other_item() -> None:
    with pytest.raises(Refused) as refused:
        add(full_cart(), HOSTING)
    assert refused.value.reason is Refusal.FULL


def test_a_full_cart_takes_what_it_already_holds() -> None:
    cart = full_cart()
    assert add(cart, cart.lines[0].item) == cart


def test_changing_sets_the_quantity_however_often_it_is_sent() -> None:
    once = change(ONE_HOSTING, HOSTING, 7)
    assert change(once, HOSTING, 7) == once
    assert once.count == 7


@pytest.mark.parametrize("quantity", [-1, LARGEST_QUANTITY + 1, 10**9, True, 1.5, "2", None])
def test_a_quantity_that_is_none_is_refused(quantity: Any) -> None:
    with pytest.raises(Refused) as refused:
        change(ONE_HOSTING, HOSTING, quantity)
    assert refused.value.reason is Refusal.WRONG_QUANTITY


def test_changing_what_was_removed_in_another_window_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        change(ONE_HOSTING, DOMAIN, 2)
    assert refused.value.reason is Refusal.NOT_IN_CART


def test_changing_to_none_takes_the_line_out() -> None:
    assert change(ONE_HOSTING, HOSTING, 0) == Cart()


def test_removing_twice_is_the_same_as_once() -> None:
    assert remove(remove(ONE_HOSTING, HOSTING), HOSTING) == Cart()


def test_changing_one_line_keeps_the_others_and_their_order() -> None:
    cart = add(add(ONE_HOSTING, DOMAIN), Item("daily-backups", "month"))
    changed = change(cart, DOMAIN, 4)
    assert [line.item for line in changed.lines] == [line.item for line in cart.lines]
    assert [line.quantity for line in changed.lines] == [1, 4, 1]


def test_what_is_no_longer_for_sale_is_sifted_out_and_named() -> None:
    cart = add(ONE_HOSTING, DOMAIN)
    assert sift(cart, {DOMAIN}) == (Cart((CartLine(DOMAIN),)), [HOSTING])


def test_a_packed_cart_holds_contents_only() -> None:
    assert pack(change(ONE_HOSTING, HOSTING, 2)) == [["shared-hosting", "month", 2]]


@pytest.mark.parametrize(
    "line",
    [
        None,
        True,
        7,
        "shared-hosting",
        [],
        {},
        {"slug": "shared-hosting", "period": "month", "quantity": 1},
        ["shared-hosting"],
        ["shared-hosting", "month"],
        ["shared-hosting", "month", 1, "8.00"],
        ["shared-hosting", "fortnight", 1],
        ["shared-hosting", ["month"], 1],
        ["shared-hosting", None, 1],
        ["", "month", 1],
        ["x" * (LONGEST_SLUG + 1), "month", 1],
        ["shared hosting", "month", 1],
        ["shared-hosting\n", "month", 1],
        ["sharéd-hosting", "month", 1],
        ["<script>", "month", 1],
        [7, "month", 1],
        [None, "month", 1],
        ["shared-hosting", "month", 0],
        ["shared-hosting", "month", -1],
        ["shared-hosting", "month", LARGEST_QUANTITY + 1],
        ["shared-hosting", "month", 10**400],
        ["shared-hosting", "month", 1.0],
        ["shared-hosting", "month", 1.5],
        ["shared-hosting", "month", float("nan")],
        ["shared-hosting", "month", float("inf")],
        ["shared-hosting", "month", True],
        ["shared-hosting", "month", "1"],
        ["shared-hosting", "month", "NaN"],
        ["shared-hosting", "month", None],
        ["shared-hosting", "month", [1]],
        [*DOMAIN, 2],
    ],
    ids=repr,
)
def test_a_line_that_is_none_is_left_out_and_the_others_kept(line: Any) -> None:
    packed = [[*DOMAIN, 1], line, [*HOSTING, 3]]
    cart, flaws = unpack(packed)
    assert pack(cart) == [[*DOMAIN, 1], [*HOSTING, 3]]
    assert flaws == {Flaw.UNREADABLE}


@pytest.mark.parametrize("packed", [None, True, 3, 1.5, "[]", {}, {"lines": []}], ids=repr)
def test_what_is_no_list_is_no_cart(packed: Any) -> None:
    assert unpack(packed) == (Cart(), {Flaw.UNREADABLE})


def test_of_ten_thousand_lines_the_first_twenty_are_kept() -> None:
    cart, flaws = unpack([[f"product-{number}", "month", 1] for number in range(10_000)])
    assert (len(cart.lines), flaws) == (MOST_LINES, {Flaw.TOO_MANY_LINES})


def test_the_largest_cart_fits_into_its_cookie() -> None:
    response = HttpResponse()
    keep_cart(response, full_cart())
    assert len(response.cookies[CART_COOKIE.key].value) < LARGEST_VALUE


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
        lambda children: st.lists(children) | st.dictionaries(st.text(max_size=4), children),
    )
)
def test_whatever_was_packed_becomes_a_cart_that_keeps_the_rules(packed: Any) -> None:
    cart, _ = unpack(packed)
    assert unpack(json.loads(json.dumps(pack(cart)))) == (cart, set())


items = st.builds(
    Item,
    st.sampled_from([f"product-{number}" for number in range(MOST_LINES + 5)]),
    st.sampled_from(Period.values),
)


class Shopping(RuleBasedStateMachine):
    """A visitor with a browser, beside a plain dictionary that says what should be in the cart."""

    def __init__(self) -> None:
        super().__init__()
        self.cart = Cart()
        self.expected: dict[Item, int] = {}

    @rule(item=items)
    def adds(self, item: Item) -> None:
        if item not in self.expected and len(self.expected) == MOST_LINES:
            with pytest.raises(Refused):
                add(self.cart, item)
            return
        self.cart = add(self.cart, item)
        self.expected.setdefault(item, 1)

    @rule(item=items, quantity=st.integers(-2, LARGEST_QUANTITY + 2))
    def sets_a_quantity(self, item: Item, quantity: int) -> None:
        if quantity == 0:
            self.cart = change(self.cart, item, quantity)
            self.expected.pop(item, None)
        elif item in self.expected and 1 <= quantity <= LARGEST_QUANTITY:
            self.cart = change(self.cart, item, quantity)
            self.expected[item] = quantity
        else:
            with pytest.raises(Refused):
                change(self.cart, item, quantity)

    @precondition(lambda self: self.expected)
    @rule(choose=st.data())
    def removes_one_of_hers(self, choose: st.DataObject) -> None:
        item = choose.draw(st.sampled_from(sorted(self.expected)))
        self.cart = remove(self.cart, item)
        del self.expected[item]

    @rule(retired=st.sets(items, max_size=5))
    def finds_products_retired(self, retired: set[Item]) -> None:
        self.cart, gone = sift(self.cart, self.expected.keys() - retired)
        assert set(gone) == self.expected.keys() & retired
        self.expected = {item: n for item, n in self.expected.items() if item not in retired}

    @rule()
    def leaves_and_comes_back(self) -> None:
        response = HttpResponse()
        keep_cart(response, self.cart)
        request = RequestFactory().get("/")
        if kept := response.cookies[CART_COOKIE.key].value:
            request.COOKIES[CART_COOKIE.key] = kept
        found = kept_cart(request)
        assert found.remarks == ()
        self.cart = found.cart

    @invariant()
    def the_cart_holds_what_she_put_there_in_that_order(self) -> None:
        assert [(line.item, line.quantity) for line in self.cart.lines] == list(
            self.expected.items()
        )
        assert self.cart.count == sum(self.expected.values())


def test_a_cart_always_holds_what_its_visitor_put_there() -> None:
    run_state_machine_as_test(Shopping, settings=settings(max_examples=40, deadline=None))
