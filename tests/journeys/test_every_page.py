"""Every page, on a desk and on phones, by day and by night, by the rules of accessibility."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, StorageState, expect

from accounts.roles import Role
from bizsecure.demo.loading import CUSTOMER_EMAIL, STAFF_OF_ROLES
from tests.journeys.conftest import (
    EVERY_SCREEN,
    NARROWEST,
    STAFF_AXE_OPTIONS,
    STAFF_SCREENS,
    WIDE,
    Screen,
    Visitor,
    Window,
    sign_dana_in,
    sign_staff_in,
)
from tests.journeys.steps import link_mailed_to, press
from tests.portal import Portal

PUBLIC = {
    "home": "/",
    "policy": "/privacy/",
    "policy-first": "/privacy/versions/1/",
    "policy-coming": "/privacy/versions/2/",
    "policy-versions": "/privacy/versions/",
    "policy-compare": "/privacy/compare/1/2/",
    "acceptable-use": "/acceptable-use/",
    "acceptable-use-versions": "/acceptable-use/versions/",
    "promises": "/promises/",
    "cookies": "/cookies/",
    "language": "/language/es/",
    "traffic": "/traffic/",
    "heads": "/transparency/heads/",
    "security-page": "/security/",
    "transparency": "/transparency/",
    "contact": "/contact/",
    "shop": "/shop/",
    "product": "/shop/geotrust-certificate/",
    "compare-plans": "/shop/compare/",
    "terms": "/terms/",
    "cart-empty": "/cart/",
    "checkout-empty": "/checkout/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "claim": "/accounts/claim/",
    "check-your-mail": "/accounts/confirm-email/",
    "confirm-too-late": "/accounts/confirm-email/x/",
    "forgotten-password": "/accounts/password/reset/",
    "forgotten-password-sent": "/accounts/password/reset/done/",
    "new-password-too-late": "/accounts/password/reset/key/1-x/",
    "new-password-saved": "/accounts/password/reset/key/done/",
    "inactive": "/accounts/inactive/",
}
SIGNED_IN = {
    "overview": "/account/",
    "services": "/account/services/",
    "orders": "/account/orders/",
    "personal": "/account/personal/",
    "cards": "/account/cards/",
    "card-add": "/account/cards/add/",
    "history": "/account/personal/history/",
    "log": "/account/log/",
    "download": "/account/download/",
    "close": "/account/close/",
    "who-has-it": "/account/disclosures/",
    "receipts": "/account/receipts/",
    "decisions": "/account/decisions/",
    "accepted": "/account/accepted/",
    "choices": "/account/privacy/",
    "notice": "/account/notices/2/",
    "messages": "/account/messages/",
    "cases": "/account/cases/",
    "e-mail": "/accounts/email/",
    "password": "/accounts/password/change/",
    "reauthenticate": "/accounts/reauthenticate/",
    "security": "/account/security/",
    "sessions": "/accounts/sessions/",
    "passkeys-none": "/accounts/2fa/webauthn/",
    "sign-out": "/accounts/logout/",
}

ALONE = {
    "today": "/admin/",
    "terms": "/admin/accounts/customer/confidentiality/",
    "find": "/admin/accounts/customer/find/",
    "letters": "/admin/accounts/customer/letters/",
    "export": "/admin/accounts/customer/export/",
    "import": "/admin/accounts/customer/import/",
    "user-add": "/admin/accounts/user/add/",
    "product": "/admin/store/product/1/change/",
    "terms-of-sale": "/admin/store/termsversion/publish/",
    "pay-back": "/admin/store/order/1/pay_back/",
    "telling": "/admin/notifications/campaign/progress/2/",
    "mail-and-answers": "/admin/notifications/campaign/health/",
    "answering-times": "/admin/notifications/case/times/",
    "write-to-many": "/admin/notifications/announcement/write/",
}
# And every list there is.
OF_STAFF = ALONE | {
    f"list-{model._meta.label}": f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
}

# A list that each role is there for, and one that it may not open. Of the pages that everybody of
# our staff may open, those of a role differ by what is left out.
OF_ROLES = {
    Role.BILLING: ("/admin/store/order/", "/admin/consent/choice/"),
    Role.SUPPORT: ("/admin/notifications/case/", "/admin/consent/choice/"),
    Role.PRIVACY: ("/admin/consent/disclosureentry/", "/admin/accounts/user/"),
    Role.MARKETING: ("/admin/store/product/", "/admin/accounts/customer/"),
    Role.AUDITOR: ("/admin/consent/notice/", "/admin/accounts/customer/"),
    Role.ADMINISTRATOR: ("/admin/accounts/user/", "/admin/accounts/customer/"),
}


def look_at(visitor: Visitor, name: str) -> None:
    """Hold a page that is open to what every page keeps to."""
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
    title = visitor.page.title()
    assert title.endswith(" · BizSecure")
    assert TITLES.setdefault(title, name) == name
    visitor.look(name, EVERY_SCREEN)


TITLES: dict[str, str] = {}
# Tells the customer of the demonstration of a breach; prints its page, and the way out of news.
TELL_DANA = f"""
from accounts.models import Customer
from notifications.kinds import KindKey
from notifications.unsubscribing import PATH, unsubscribe_token
from tests.notifications.announced import told_exactly
dana = Customer.objects.get(email="{CUSTOMER_EMAIL}")
print(told_exactly(KindKey.SECURITY_BREACH, dana).get_absolute_url())
print(PATH + unsubscribe_token(customer_id=dana.pk, use="product-news") + "/")
"""
# Writes news and prints its page among those of our staff.
WRITE_NEWS = """
from tests.notifications.announced import written
print(f"/admin/notifications/announcement/{written().pk}/change/")
"""


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_can_be_read_by_everybody(visitor: Visitor, name: str) -> None:
    visitor.open(PUBLIC[name])
    look_at(visitor, name)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_page_of_the_account_can_be_used_by_everybody(dana: Visitor, name: str) -> None:
    dana.open(SIGNED_IN[name])
    look_at(dana, name)


def test_the_style_guide_keeps_to_what_it_shows(visitor: Visitor) -> None:
    screens: list[Screen] = [(WIDE, "dark"), (NARROWEST, "light")]
    visitor.open("/styleguide/")
    # Specimens stand side by side in every state, so landmarks of one name do, too.
    visitor.judge("style-guide", screens, STAFF_AXE_OPTIONS)


def test_whoever_follows_a_link_to_another_site_is_told_before(dana: Visitor) -> None:
    dana.open("/account/disclosures/")
    dana.page.get_by_role("link", name="(another site)").first.click()
    look_at(dana, "leaving")


@pytest.mark.parametrize("name", OF_STAFF)
def test_a_page_of_our_staff_can_be_used_by_everybody(staff: Visitor, name: str) -> None:
    # The lists are much alike: each is judged on one of the screens, and fits on the others.
    screens = STAFF_SCREENS if name in ALONE else [STAFF_SCREENS[len(name) % 3]]
    staff.look_as_staff(OF_STAFF[name], name, screens)
    assert staff.page.title().endswith(" | BizSecure staff")


@pytest.mark.parametrize("role", OF_ROLES)
def test_each_role_can_use_what_it_comes_for(
    browser: Browser, portal: Portal, first_window: Window, role: Role
) -> None:
    key = sign_staff_in(browser, portal, STAFF_OF_ROLES[role])
    with first_window.lent(key) as visitor:
        page = visitor.page
        may, may_not = OF_ROLES[role]
        visitor.look_as_staff("/admin/", f"{role.value}-today", STAFF_SCREENS[1:])
        visitor.look_as_staff(may, f"{role.value}-list", STAFF_SCREENS[:1])
        record = page.locator("#result_list tbody th a").first.get_attribute("href") or ""
        visitor.look_as_staff(record, f"{role.value}-record", STAFF_SCREENS[1:])
        visitor.expect_status(403)
        visitor.open(may_not)
        visitor.look("staff-not-for-this-role", [(NARROWEST, "light")])


def test_a_record_and_the_pages_behind_its_buttons_can_be_used_by_everybody(
    staff: Visitor,
) -> None:
    page = staff.page
    staff.open("/admin/accounts/customer/")
    record = page.locator("#result_list tbody th a").first.get_attribute("href") or ""
    staff.look_as_staff(f"{record.removesuffix('change/')}reason/", "reason")
    page.get_by_label("You open it").select_option("quality")
    page.get_by_label("Number of the case").fill("C-1")
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("heading", name="Details").wait_for()
    buttons = page.locator(".staff-buttons a")
    behind = [button.get_attribute("href") or "" for button in buttons.all()]
    assert len(behind) > 3
    for address in (record, *behind):
        staff.look_as_staff(address, f"record-{address.strip('/').rpartition('/')[2]}")


def test_a_case_can_be_read_and_answered_by_everybody(staff: Visitor) -> None:
    staff.open("/admin/notifications/case/")
    rows = staff.page.locator("#result_list tbody th a")
    case = rows.last.get_attribute("href") or ""
    staff.look_as_staff(case, "case-closed")
    press(staff.page, "Open and read")
    expect(staff.page.get_by_role("heading", name="The conversation")).to_be_visible()
    staff.look_as_staff(case, "case")


def test_a_message_to_many_can_be_sent_by_everybody(staff: Visitor) -> None:
    page = staff.portal.manage("shell", "--verbosity", "0", "--command", WRITE_NEWS).strip()
    staff.look_as_staff(page, "announcement")


def test_a_message_can_be_read_by_everybody(dana: Visitor) -> None:
    dana.open("/account/messages/")
    # A notice that is open has a link of its own above the list.
    dana.page.locator("main a[href^='/account/messages/']").first.click()
    look_at(dana, "message")


def test_a_conversation_can_be_read_by_everybody(dana: Visitor) -> None:
    dana.open("/account/cases/")
    dana.page.locator("main th a").first.click()
    look_at(dana, "case")
    dana.page.goto(link_mailed_to(dana, CUSTOMER_EMAIL, "/case/"))
    dana.look("case-by-link", EVERY_SCREEN)


def test_what_must_be_told_and_the_way_out_of_news_can_be_used_by_everybody(
    dana: Visitor,
) -> None:
    told, way_out = dana.portal.manage("shell", "--verbosity", "0", "--command", TELL_DANA).split()
    dana.open("/account/")
    dana.look("overview-banner", EVERY_SCREEN)
    dana.open(told)
    look_at(dana, "announcement")
    # Read, it stands on no other page any more.
    press(dana.page, "I have read this")
    dana.open(way_out)
    look_at(dana, "unsubscribe")


def test_the_page_behind_a_mailed_link_can_be_used_by_everybody(visitor: Visitor) -> None:
    visitor.page.goto(link_mailed_to(visitor, CUSTOMER_EMAIL, "/choose/"))
    look_at(visitor, "choose")


def test_the_page_that_cancels_a_change_of_address_can_be_used_by_everybody(
    dana: Visitor,
    visitor: Visitor,
    browser: Browser,
    portal: Portal,
    dana_signed_in: StorageState,
) -> None:
    dana.open("/accounts/email/")
    dana.page.get_by_label("New e-mail address").fill("dana@elsewhere.example")
    dana.page.get_by_role("button", name="Change my address").click()
    visitor.page.goto(link_mailed_to(visitor, CUSTOMER_EMAIL, "/accounts/email/cancel/"))
    look_at(visitor, "cancel-address-change")
    visitor.page.get_by_role("button", name="Cancel the change").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("The change is cancelled")
    # That ended every session of hers, for somebody else may have asked for the change.
    dana_signed_in.update(sign_dana_in(browser, portal))
    visitor.look("cancelled-address-change", EVERY_SCREEN)


def test_a_full_cart_can_be_used_by_everybody(visitor: Visitor) -> None:
    visitor.open("/shop/")
    visitor.page.get_by_role("button", name="Add to cart").first.click()
    visitor.open("/shop/")
    visitor.page.get_by_role("button", name="Add to cart").last.click()
    visitor.look("cart", EVERY_SCREEN)


@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("/accounts/signup/", "Create my account"),
        ("/accounts/login/", "Sign in"),
        ("/accounts/password/reset/", "Send me the link"),
        ("/contact/", "Send my message"),
    ],
)
def test_a_form_with_mistakes_leads_to_each_of_them(
    visitor: Visitor, address: str, button: str
) -> None:
    visitor.open(address)
    visitor.expect_status(422)
    visitor.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    correct_the_first_mistake(visitor, f"mistakes-{address.strip('/').replace('/', '-')}")


@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("/account/personal/", "Save my information"),
        ("/account/cards/add/", "Add this card"),
        ("/account/notices/2/", "Save my answer"),
        ("/accounts/password/change/", "Save my new password"),
    ],
)
def test_a_form_of_the_account_with_mistakes_leads_to_each_of_them(
    dana: Visitor, address: str, button: str
) -> None:
    dana.open(address)
    if address == "/account/personal/":
        dana.page.get_by_label("Name").fill("")
        dana.page.get_by_label("Telephone").fill("12")
    dana.expect_status(422)
    press(dana.page, button)
    correct_the_first_mistake(dana, f"mistakes-{address.strip('/').replace('/', '-')}")


def correct_the_first_mistake(visitor: Visitor, name: str) -> None:
    page = visitor.page
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    visitor.look(name, EVERY_SCREEN)
    link = summary.get_by_role("link").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    expect(page.locator(f"[id='{target}']")).to_be_focused()


def test_a_page_that_was_too_old_to_be_sent_says_so_to_everybody(visitor: Visitor) -> None:
    visitor.open("/accounts/login/")
    visitor.page.context.clear_cookies()
    visitor.expect_status(403)
    visitor.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    look_at(visitor, "too-old")


def test_a_visitor_is_sent_to_sign_in_and_gets_where_they_were_going(visitor: Visitor) -> None:
    visitor.open("/account/personal/")
    expect(visitor.page).to_have_url(re.compile(r"/accounts/login/\?next=/account/personal/$"))


def test_an_order_its_invoice_and_a_service_can_be_read_by_everybody(dana: Visitor) -> None:
    page = dana.page
    for name, list_page, first, then in (
        ("order", "/account/orders/", "main a.mono", ""),
        ("invoice", "/account/orders/", "main a.mono", "Invoice"),
        # The last of those that are not over.
        ("service", "/account/services/", "main section th a", ""),
        ("service-cancel", "/account/services/", "main section th a", "Cancel it"),
    ):
        dana.open(list_page)
        dana.open(page.locator(first).last.get_attribute("href") or "")
        if then:
            dana.open(page.get_by_role("link", name=then, exact=True).get_attribute("href") or "")
        look_at(dana, name)


def test_the_checkout_can_be_used_by_everybody(dana: Visitor) -> None:
    dana.open("/cart/")
    press(dana.page, "Check out")
    expect(dana.page.get_by_text("What goes to whom when you order")).to_be_visible()
    dana.look("checkout", EVERY_SCREEN)
    dana.expect_status(422)
    dana.page.get_by_role("button", name=re.compile("^Order and pay")).click()
    correct_the_first_mistake(dana, "mistakes-checkout")
