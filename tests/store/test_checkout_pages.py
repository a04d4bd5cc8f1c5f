"""The checkout as it is used: steps, mistakes, and presses that come twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.models import HeldService, Order, OrderTerms, Product, SavedCart
from bizsecure.store.states import OrderState
from consent.models import PolicyVersion
from tests.builders import RUN_ACCOUNT, a_use, first_policy
from tests.pages.browsing import PASSWORD, give_password, sign_in, signed_in, text
from tests.paying import VERIFY_PAYMENT, VISA, a_card
from tests.postbox import Postbox
from tests.store.buying import HOME, a_draft_of, at_home, held, ordered, paid
from tests.store.shopping import CERTIFICATE, HOSTING, a_price, contents, page, put, set_quantity

SUGGESTIONS = a_use("suggestions", "opt-out")
ADDRESS = {
    **{name: getattr(HOME, name) for name in ("name", "street", "city", "region", "country")},
    "extra": "",
    "postcode": "07099",
}


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told, and suggestions."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT, SUGGESTIONS)


@pytest.fixture
def browser(alice: Customer) -> Client:
    """Give the browser of a customer whose address we do not know yet."""
    return signed_in(alice)


@pytest.fixture
def at_the_last_step(alice: Customer, browser: Client) -> dict[str, Any]:
    """Give the form of the last step as the page shows it, ticked and with a card."""
    at_home(alice)
    card = a_card(alice, VISA)
    put(browser, HOSTING)
    browser.post(reverse("checkout_begin"))
    form = browser.get(reverse("checkout")).context["place_form"]
    shown = {name: str(form.initial[name]) for name in ("order", "total")}
    hashes = {name: form.initial[name] for name in ("terms_hash", "policy_hash")}
    return {**shown, **hashes, "card": str(card.uid), "accept": "on"}


def place(browser: Client, form: dict[str, Any]) -> Any:
    return browser.post(reverse("checkout_place"), form)


def test_a_visitor_sees_the_order_and_who_receives_what_before_an_account(db: None) -> None:
    visitor = Client()
    put(visitor, CERTIFICATE)
    shown = page(visitor, "checkout_begin", go="on")
    assert "GeoTrust: your name, e-mail address and billing address." in shown
    assert "Create an account" in shown
    assert not Order.objects.exists()


def test_an_empty_cart_leads_back_to_the_shop(browser: Client) -> None:
    assert "There is nothing to order" in page(Client(), "checkout")
    assert "so there is nothing to order" in page(browser, "checkout_begin", go="on")


def test_signing_in_brings_the_cart_along_and_can_be_undone(alice: Customer) -> None:
    give_password(alice)
    browser = Client()
    put(browser, HOSTING)
    answer = sign_in(browser, alice)
    assert answer["Location"] == reverse("cart")
    assert contents(browser) == []
    assert SavedCart.objects.get().contents == [[*HOSTING, 1]]
    shown = page(browser, "cart")
    assert "Added to your cart from this browser: Shared hosting" in shown
    revision = SavedCart.objects.get().revision
    assert "as it was before you signed in" in page(browser, "cart_undo", revision=revision)
    assert SavedCart.objects.get().contents == []
    assert "nothing was undone" in page(browser, "cart_undo", revision=revision)


def test_whoever_joins_at_the_checkout_comes_back_to_it_with_the_cart(
    policy: PolicyVersion, postbox: Postbox
) -> None:
    visitor, checkout = Client(), reverse("checkout")
    put(visitor, HOSTING)
    join = f"{reverse('account_signup')}?next={checkout}"
    assert join in text(visitor.get(checkout))
    seen = visitor.get(join).context["form"]["seen"].value()
    name = {"name": "Nora Newcomb", "email": "nora@example.com", "password1": PASSWORD}
    visitor.post(reverse("account_signup"), {**name, "seen": seen, "next": checkout})
    wait = text(visitor.get(reverse("account_email_verification_sent")))
    assert f"{reverse('account_login')}?next={checkout}" in wait
    (mail,) = postbox
    link = re.search(r"http://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.body))
    assert link
    sign_in_page = visitor.post(link[1]).headers["Location"]
    assert sign_in_page == f"{reverse('account_login')}?{urlencode({'next': checkout})}"
    typed = {"login": "nora@example.com", "password": PASSWORD, "next": checkout}
    assert visitor.post(sign_in_page, typed).headers["Location"] == checkout
    shown = page(visitor, "checkout")
    assert "Shared hosting" in shown
    assert SavedCart.objects.get().contents == [[*HOSTING, 1]]
    assert "going_to" not in visitor.session


def test_a_cart_follows_the_customer_to_another_device(alice: Customer, browser: Client) -> None:
    put(browser, HOSTING)
    set_quantity(browser, HOSTING, 3)
    other = signed_in(alice)
    assert 'value="3"' in page(other, "cart")
    assert contents(browser) == contents(other) == []


def test_two_open_carts_of_a_customer_do_not_fight(alice: Customer, browser: Client) -> None:
    other = signed_in(alice)
    page(other, "cart")
    put(browser, HOSTING)
    put(other, CERTIFICATE)
    assert SavedCart.objects.get().contents == [[*HOSTING, 1], [*CERTIFICATE, 1]]


def test_what_vanished_is_explained_and_can_be_forgotten(browser: Client) -> None:
    put(browser, HOSTING)
    Product.objects.filter(slug=HOSTING.slug).update(is_on_sale=False)
    for _each in range(2):
        assert "so not part of your order: Shared hosting." in page(browser, "cart")
    set_quantity(browser, HOSTING, 0)
    assert SavedCart.objects.get().contents == []


def test_more_than_is_sold_at_once_is_refused(browser: Client) -> None:
    put(browser, HOSTING)
    Product.objects.filter(slug=HOSTING.slug).update(largest_quantity=2)
    assert "More than we sell in one order" in set_quantity(browser, HOSTING, 3)
    assert SavedCart.objects.get().contents == [[*HOSTING, 1]]


def test_the_address_is_asked_once_and_kept_as_personal_information(
    alice: Customer, browser: Client
) -> None:
    a_draft_of(alice)
    wrong = browser.post(reverse("checkout_address"), {**ADDRESS, "street": "", "revision": 0})
    assert wrong.status_code == 422
    assert 'value="Hobokenville"' in wrong.content.decode()
    alice.refresh_from_db()
    sent = {**ADDRESS, "revision": alice.revision}
    assert browser.post(reverse("checkout_address"), sent).status_code == 302
    shown = text(browser.get(reverse("checkout")))
    assert "77 Foundry Row" in shown
    assert "77 Foundry Row" in text(browser.get(reverse("personal")))
    assert 'name="street"' not in shown


def test_ordering_pays_once_however_often_it_is_pressed(
    browser: Client, at_the_last_step: dict[str, Any], acquirer: Acquirer
) -> None:
    answers = [place(browser, at_the_last_step) for _each in range(2)]
    order = Order.objects.get()
    assert {answer["Location"] for answer in answers} == {order.get_absolute_url()}
    assert order.state == OrderState.IN_DELIVERY
    assert acquirer.book.count("capture") == 1
    assert SavedCart.objects.get().contents == []
    shown = text(browser.get(order.get_absolute_url()))
    assert OrderTerms.objects.get().wording in shown
    assert "Visa" in shown or "visa" in shown


def test_terms_are_accepted_by_a_tick_and_nothing_is_ticked_beforehand(
    browser: Client, at_the_last_step: dict[str, Any]
) -> None:
    assert "checked" not in _tick_box(text(browser.get(reverse("checkout"))))
    del at_the_last_step["accept"]
    answer = place(browser, at_the_last_step)
    assert answer.status_code == 422
    assert "Accept the terms to order" in text(answer)
    # Once in the summary, once at the field, and not behind the whole sentence to be ticked.
    assert text(answer).count("I order what is listed above") == 1
    assert Order.objects.get().state == OrderState.DRAFT


def _tick_box(shown: str) -> str:
    start = shown.index('name="accept"')
    return shown[start - 60 : start + 120]


@pytest.mark.parametrize(
    "wrong",
    [
        {"card": "0e1b0f5e-0000-4000-8000-000000000000"},
        {"card": "4242424242424242"},
        {"order": "x"},
        {"total": "NaN"},
        {"total": "0.01"},
        {"terms_hash": "0" * 64},
        {"terms_hash": "x" * 1000},
        {"order": "0e1b0f5e-0000-4000-8000-000000000000"},
    ],
    ids=str,
)
def test_what_no_page_of_ours_sends_orders_nothing(
    browser: Client, at_the_last_step: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert place(browser, {**at_the_last_step, **wrong}).status_code in {302, 422}
    assert [order.state for order in Order.objects.all()] == [OrderState.DRAFT]


def test_a_changed_price_is_shown_old_and_new_and_must_be_confirmed(
    browser: Client, at_the_last_step: dict[str, Any], acquirer: Acquirer
) -> None:
    a_price(Product.objects.get(slug=HOSTING.slug), "9.50", timezone.now())
    assert place(browser, at_the_last_step)["Location"] == reverse("checkout")
    shown = text(browser.get(reverse("checkout")))
    assert "Something changed since you began" in shown
    assert '<s class="was">$8.00</s>' in shown
    assert "<b>$9.50</b>" in shown
    browser.post(reverse("checkout_confirm"), {"order": at_the_last_step["order"]})
    answer = place(browser, {**at_the_last_step, "total": "9.50"})
    assert answer["Location"].startswith(reverse("orders"))


def test_suggestions_say_why_and_can_be_switched_off(browser: Client) -> None:
    put(browser, HOSTING)
    shown = page(browser, "cart")
    assert "because you have hosting, and backups are not part of it" in shown
    assert "Goes with it" not in page(browser, "suggestions", wanted="no")
    assert "Goes with it" in page(browser, "suggestions", wanted="yes")


def test_a_visitor_switches_suggestions_off_in_the_browser_alone(db: None) -> None:
    visitor = Client()
    put(visitor, HOSTING)
    assert "Goes with it" in page(visitor, "cart")
    assert "Goes with it" not in page(visitor, "suggestions", wanted="no")
    assert "Goes with it" in page(visitor, "suggestions", wanted="yes")


def test_an_unpaid_order_is_cancelled_and_is_in_the_cart_again(
    alice: Customer, browser: Client
) -> None:
    order = ordered(at_home(alice))
    assert "Not paid yet" in text(browser.get(order.get_absolute_url()))
    shown = text(browser.post(reverse("order_cancel", args=[order.number]), follow=True))
    assert "What was in it is back in your cart" in shown
    assert SavedCart.objects.get().contents == [[*HOSTING, 1]]


def test_a_service_is_named_cancelled_and_kept(alice: Customer, browser: Client) -> None:
    (service,) = held(at_home(alice), HOSTING)
    address = service.get_absolute_url()
    for wrong in ("http://x", "a b", "-x.com", "x" * 300, "\u202ecom.x"):
        assert browser.post(address, {"site": wrong}).status_code == 422
    assert browser.post(address, {"site": "Müller-Press.Example."}).status_code == 302
    service.refresh_from_db()
    assert service.site == "müller-press.example"
    HeldService.objects.filter(pk=service.pk).update(state="active", activated_at=timezone.now())
    cancel = reverse("service_cancel", args=[service.uid])
    assert browser.post(cancel, {}).status_code == 422
    assert browser.post(cancel, {"reason": "unsaid"}).status_code == 302
    service.refresh_from_db()
    assert service.cancel_reason == "unsaid"


@pytest.mark.parametrize("name", ["Alice Adams", "Đorđe Žižek"])
def test_the_invoice_is_a_page_and_a_file_for_any_name(
    alice: Customer, browser: Client, name: str
) -> None:
    Customer.objects.filter(pk=at_home(alice).pk).update(name=name)
    alice.refresh_from_db()
    order = paid(ordered(alice))
    shown = text(browser.get(reverse("invoice", args=[order.number, "invoice"])))
    assert "BZ-000001" in shown
    assert name in shown
    file = browser.get(reverse("invoice_pdf", args=[order.number, "invoice"]))
    assert file.content.startswith(b"%PDF-")
    assert file["Content-Disposition"] == 'attachment; filename="bizsecure-BZ-000001.pdf"'


def test_another_customers_order_and_invoice_are_not_there(alice: Customer, bob: Customer) -> None:
    order = paid(ordered(at_home(alice)))
    stranger = signed_in(bob)
    for name, arguments in (
        ("order", [order.number]),
        ("invoice", [order.number, "invoice"]),
        ("invoice_pdf", [order.number, "invoice"]),
    ):
        assert stranger.get(reverse(name, args=arguments)).status_code == 404
    for name in ("order_cancel", "order_pay", "order_look"):
        assert stranger.post(reverse(name, args=[order.number])).status_code == 404
