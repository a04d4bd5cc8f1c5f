"""What `benchmarks.load` needs of the portal. Imported once Django is set up."""

from __future__ import annotations

from django.core.management import call_command
from django.urls import reverse

from accounts.models import Customer, User
from benchmarks.loading import (
    analyze,
    load_choices,
    load_customers,
    load_events,
    load_users,
    publish_first,
    publish_second,
)
from notifications.models import MailTally
from notifications.services.announcing import announce_changes
from tests.pages.browsing import signed_in_as

# One row in so many is of the first customer.
MINE = 100


def prepare(*, customers: int, rows: int, browsers: int) -> tuple[dict[str, str], list[str]]:
    """Fill the database; return the pages by name, and the cookies of so many who are signed in."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    publish_first()
    load_customers(customers, load_users(customers))
    load_events(Customer.objects.get(number="BZ-1"), customers, rows, mine=MINE)
    version = publish_second()
    load_choices(version, customers, one_in=3)
    announce_changes()
    analyze()
    pages = {"empty": reverse("empty", urlconf="benchmarks.empty_page")}
    pages |= {name: reverse(name) for name in ("overview", "choices")}
    pages["notice"] = reverse("notice", args=[version.number])
    users = User.objects.order_by("pk")[:browsers]
    cookies = [
        "; ".join(f"{key}={each.value}" for key, each in signed_in_as(user).cookies.items())
        for user in users
    ]
    return pages, cookies


def accepted() -> int:
    """Return how many mails were delivered so far."""
    return MailTally.objects.all().by_state()["accepted"]
