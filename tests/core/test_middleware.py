"""What a rule refuses becomes a sentence on the same page; the admin alone has looser rules."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.pages.browsing import signed_in_as, stored

refusing = pytest.mark.urls("tests.core.refusing")


@refusing
def test_a_refusal_leads_back_to_the_page_with_its_sentence(db: None) -> None:
    client = Client()
    answer = client.post("/form/", {"name": "Alice"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/form/")
    page = client.get("/form/").text
    assert page == "Not before 3 February 2027, 15:00."
    assert client.get("/form/").text == ""


@refusing
def test_what_was_asked_for_in_the_address_is_not_repeated(db: None) -> None:
    answer = Client().post("/form/?next=https://elsewhere.example/&token=abc")
    assert answer.headers["Location"] == "/form/"


@refusing
def test_a_refused_form_sent_twice_is_refused_twice_and_writes_nothing(db: None) -> None:
    client, before = Client(), stored(without="django_session")
    for _ in range(2):
        assert client.post("/form/").status_code == 302
    assert client.get("/form/").text.count("Not before") == 2
    assert stored(without="django_session") == before


@refusing
def test_a_refusal_is_no_error_in_the_log(db: None, caplog: pytest.LogCaptureFixture) -> None:
    Client().post("/form/")
    assert caplog.records == []


@refusing
def test_every_other_failure_stays_one(db: None) -> None:
    with pytest.raises(LookupError):
        Client().get("/broken/")
    assert Client(raise_request_exception=False).get("/broken/").status_code == 500


@pytest.mark.parametrize(
    ("path", "is_admin"),
    [
        ("/admin/", True),
        ("/admin/accounts/user/", True),
        ("/admin/nowhere/", True),
        ("/administration/", False),
        ("/xadmin/", False),
        ("/privacy/admin/", False),
        ("//admin/", False),
        ("/", False),
    ],
)
def test_scripts_that_are_made_on_the_page_run_in_the_admin_alone(
    carol: User, path: str, is_admin: bool
) -> None:
    for client in (Client(), signed_in_as(carol)):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert ("'unsafe-eval'" in policy) is is_admin
        assert ("'unsafe-inline'" in policy) is is_admin
