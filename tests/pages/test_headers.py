"""What goes with every page: rules for the browser, caches and cookies."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from consent.models import PolicyVersion
from tests.architecture.test_templates import InlineCode
from tests.pages.addresses import ADMIN, every_address
from tests.pages.browsing import PASSWORD, give_password, signed_in_as
from tests.pages.conftest import HOST, Belongings

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
# A mail among the parts of our pages, shown to staff alone.
SPECIMEN = "/styleguide/mail/"
# Pages without a form need no cookie at all.
READING = ("home", "policy", "policy_versions", "cart", "account_inactive", "healthz", "readyz")


def policy_of(response: Any) -> dict[str, str]:
    """Return the content security policy of an answer, by its directives."""
    directives = response.headers["Content-Security-Policy"].split(";")
    split = (directive.strip().partition(" ") for directive in directives)
    return {name: sources for name, _space, sources in split}


def answers(client: Client, things: Belongings) -> list[Any]:
    """Return the answer of every address, and of what is no page of ours."""
    paths = [address.path for address in every_address(things)]
    return [client.get(path) for path in [*paths, "/nowhere/", "/choose/x/"]]


@pytest.mark.parametrize("who", ["visitor", "customer", "another customer", "staff"])
def test_every_answer_carries_the_rules_for_the_browser(
    belongings: Belongings, browsers: dict[str, Client], who: str
) -> None:
    for answer in answers(browsers[who], belongings):
        path = answer.request["PATH_INFO"]
        is_admin = path.startswith(ADMIN)
        # A mail as it looked brings its own styles, and may do nothing else.
        is_mail = path.startswith("/account/messages/") and path.endswith("/html/")
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        if is_mail and answer.status_code == 200:
            assert policy_of(answer)["sandbox"] == ""
            assert policy_of(answer)["style-src"] == "'unsafe-inline'"
            assert policy_of(answer)["script-src"] == policy_of(answer)["img-src"] == "'none'"
            continue
        if path == SPECIMEN and answer.status_code == 200:
            assert who == "staff"
            assert policy_of(answer)["style-src"] == "'unsafe-inline'"
            assert policy_of(answer)["default-src"] == "'none'"
            continue
        assert is_admin or policy_of(answer) == STRICT, path
        kind = answer.headers.get("Content-Type", "")
        assert not kind.startswith("text/") or "utf-8" in kind
        # What is shown to somebody who is signed in is kept by no cache.
        assert who == "visitor" or answer.headers["Cache-Control"] == "no-store"
        if kind.startswith("text/html") and not is_admin:
            parser = InlineCode()
            parser.feed(answer.content.decode())
            assert parser.found == [], path


def test_in_the_admin_nothing_comes_from_another_site_either(carol: User) -> None:
    policy = policy_of(signed_in_as(carol).get(reverse("admin:index")))
    sources = {source for directive in policy.values() for source in directive.split()}
    assert {each for each in sources if not each.startswith("'nonce-")} <= {
        "'none'",
        "'self'",
        "data:",
        "'unsafe-eval'",
        "'unsafe-inline'",
    }


def test_what_a_link_in_a_mail_shows_is_kept_by_no_cache(belongings: Belongings) -> None:
    for address in every_address(belongings):
        if address.name in {"choose", "account_confirm_email", "account_reset_password_from_key"}:
            answer = Client().get(address.path)
            assert "no-store" in answer.headers.get("Cache-Control", ""), address


@pytest.mark.parametrize("name", READING)
def test_reading_costs_no_cookie(policy: PolicyVersion, name: str) -> None:
    assert not Client().get(reverse(name)).cookies


@pytest.mark.parametrize("name", ["shop", "account_login", "account_signup"])
def test_a_form_costs_one_cookie_that_ends_with_the_browser(
    policy: PolicyVersion, name: str
) -> None:
    cookies = Client().get(reverse(name)).cookies
    assert set(cookies) == {"csrf"}
    assert cookies["csrf"]["max-age"] == ""
    assert cookies["csrf"]["expires"] == ""


def test_nothing_is_written_down_about_a_visitor_who_reads(policy: PolicyVersion) -> None:
    client = Client()
    for name in READING:
        client.get(reverse(name))
    assert not Session.objects.exists()


def test_every_cookie_is_tied_to_the_host_and_out_of_reach_of_scripts(
    alice: Customer, production: None
) -> None:
    give_password(alice)
    client = Client(headers={"host": HOST})
    asked = {"login": alice.email, "password": PASSWORD}
    answer = client.get(reverse("account_login"), secure=True)
    seen = dict(answer.cookies)
    answer = client.post(reverse("account_login"), asked, secure=True)
    seen |= dict(answer.cookies)
    item = {"product": "shared-hosting", "period": "month"}
    seen |= dict(client.post(reverse("cart_add"), item, secure=True).cookies)

    assert set(seen) == {
        f"__Host-{name}" for name in ("csrf", "session", "name", "cart", "cart-remarks")
    }
    for name, cookie in seen.items():
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert cookie["domain"] == "", name


def test_the_site_is_served_over_https_alone(policy: PolicyVersion, production: None) -> None:
    client = Client(headers={"host": HOST})
    answer = client.get("/privacy/")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/privacy/"
    hsts = client.get("/privacy/", secure=True).headers["Strict-Transport-Security"]
    assert hsts == "max-age=63072000; includeSubDomains; preload"


@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_probes_of_the_machine_itself_are_not_sent_elsewhere(
    db: None, production: None, name: str
) -> None:
    assert Client(headers={"host": HOST}).get(reverse(name)).status_code == 200


def test_another_host_name_is_refused(db: None, production: None) -> None:
    answer = Client(headers={"host": "evil.example"}).get("/", secure=True)
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
