"""LOG-1: visits serve trends: by hour, page, site, network and device, and from page to page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Customer, User
from accounts.roles import Role
from bizsecure.traffic.buffer import Buffer
from bizsecure.traffic.models import VisitCount
from consent.models import PolicyVersion
from tests.pages.browsing import signed_in_as
from tests.traffic.conftest import buffer

__all__ = ["buffer"]

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"


def walk_from_search_to_cart() -> None:
    phone = Client(HTTP_USER_AGENT=PHONE, REMOTE_ADDR="203.0.113.77")
    phone.get("/shop/", HTTP_REFERER="https://search.example/?q=hosting")
    phone.get("/cart/", HTTP_REFERER="http://testserver/shop/")


def test_pages_networks_sites_devices_and_paths_are_counted(
    buffer: Buffer, policy: PolicyVersion
) -> None:
    walk_from_search_to_cart()
    buffer.flush()
    assert set(VisitCount.objects.values_list("dimension", "value", "number")) == {
        ("page", "/shop/", 1),
        ("page", "/cart/", 1),
        ("network", "203.0.0.0/16", 2),
        ("referrer", "search.example", 1),
        ("device", "phone", 1),
        ("path", "/shop/ > /cart/", 1),
    }


@pytest.mark.parametrize("path", ["/healthz", "/nowhere/", "/admin/", "/.well-known/security.txt"])
def test_what_is_no_page_of_visitors_is_not_counted(
    buffer: Buffer, policy: PolicyVersion, path: str
) -> None:
    Client().get(path)
    buffer.flush()
    assert not VisitCount.objects.exists()


def test_staff_see_the_trends(buffer: Buffer, policy: PolicyVersion) -> None:
    walk_from_search_to_cart()
    buffer.flush()
    user = User.objects.create_user("marketing@bizsecure.example", is_staff=True)
    user.groups.add(Group.objects.get(name=Role.MARKETING.value))
    page = signed_in_as(user).get("/admin/traffic/visitcount/")
    assert "pages read: 2, visits begun: 1" in page.text
    assert "search.example" in page.text


def test_everybody_can_read_what_is_kept(alice: Customer, policy: PolicyVersion) -> None:
    page = Client().get("/traffic/").content.decode()
    assert "cut to a network of 65,536 addresses" in page
    assert "deleted after 400 days" in page
