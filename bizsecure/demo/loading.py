"""Loading the demonstration: a policy in force, customers, and a change that is coming."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer, User
from accounts.roles import Role
from accounts.second_factors import seal_secret
from accounts.services.opening import open_account
from accounts.services.personal import PersonalDetails
from bizsecure.demo.acting import act_on_conduct
from bizsecure.demo.disclosing import give_to_others
from bizsecure.demo.history import live_through
from bizsecure.demo.orders import go_shopping, shopped_before
from bizsecure.demo.people import invented_customers
from bizsecure.demo.sending import have_sent
from bizsecure.demo.writing import write_to_us
from bizsecure.proofs.services.heading import make_head
from bizsecure.store.models import Order
from consent.models import PRIVACY, PolicyVersion
from consent.policy_file import read_policy_file
from consent.services.choosing import set_switches
from consent.services.joining import accept_policy_in_force
from consent.services.publishing import notice_period_ends, publish, save_draft

POLICIES = Path(settings.BASE_DIR) / "consent" / "policies"
CUSTOMERS_AT_ONCE = 1000

CUSTOMER_EMAIL, CUSTOMER_PASSWORD = "dana@whitlock-press.example", "dana-shows-the-portal"
STAFF_EMAIL, STAFF_PASSWORD = "staff@bizsecure.example", "staff-shows-the-admin"
# What the authenticator app of the demonstration's staff would hold.
STAFF_APP_KEY = "STAFFSHOWSTHEADMINBIZSECURE22222"
# One for each role, with the same password and the same app.
STAFF_OF_ROLES = {
    Role.BILLING: "billing@bizsecure.example",
    Role.SUPPORT: "support@bizsecure.example",
    Role.PRIVACY: "privacy@bizsecure.example",
    Role.MARKETING: "marketing@bizsecure.example",
    Role.AUDITOR: "auditor@bizsecure.example",
    Role.ADMINISTRATOR: "administrator@bizsecure.example",
}

DANA = PersonalDetails(
    name="Dana Whitlock",
    telephone="+1 201-555-0123",
    time_zone="America/Los_Angeles",
    street="418 Alder Street",
    extra="Suite 3",
    city="Portland",
    region="OR",
    postcode="97204",
    country="US",
    company="Whitlock Press",
    postal_street="P.O. Box 1402",
    postal_city="Portland",
    postal_region="OR",
    postal_postcode="97207",
    postal_country="US",
)


@transaction.atomic
def load(*, customers: int, progress: Callable[[str], None]) -> bool:
    """Load the demonstration once, whole or not at all; return whether there was anything to do."""
    if PolicyVersion.objects.of(PRIVACY).posted().exists():
        return False
    now = timezone.now()
    _publish_first()
    orders = _open_dana(now - timedelta(days=930))
    _employ_staff()
    _open_many(customers, now, progress)
    dana = Customer.objects.get(email=CUSTOMER_EMAIL)
    boss = User.objects.get(email=STAFF_EMAIL)
    give_to_others(dana=dana, orders=orders, boss=boss, now=now)
    support = User.objects.get(email=STAFF_OF_ROLES[Role.SUPPORT])
    write_to_us(dana=dana, support=support, now=now)
    officer = User.objects.get(email=STAFF_OF_ROLES[Role.PRIVACY])
    act_on_conduct(dana=dana, support=support, officer=officer)
    have_sent(now=now)
    announce_second(notice_period_ends(now) + timedelta(days=7))
    # The second one covers what was there at the first.
    make_head(now=now - timedelta(days=1))
    make_head(now=now)
    return True


def announce_second(effective_at: datetime) -> PolicyVersion:
    """Publish the second version of the privacy policy, with one new use."""
    draft = read_policy_file(POLICIES / "privacy-2.md")
    draft = replace(draft, effective_at=effective_at, updated_on=timezone.localdate())
    return publish(version=save_draft(draft=draft, actor=SYSTEM), actor=SYSTEM)


def _publish_first() -> None:
    for name in ("privacy-1.md", "acceptable-use-1.md"):
        draft = read_policy_file(POLICIES / name)
        publish(version=save_draft(draft=draft, actor=SYSTEM), actor=SYSTEM)


@transaction.atomic
def _open_dana(joined_at: datetime) -> dict[int, Order]:
    user = User.objects.create_user(CUSTOMER_EMAIL, CUSTOMER_PASSWORD)
    customer = open_account(user=user, name=DANA.name, email=user.email, now=joined_at)
    accept_policy_in_force(customers=[customer], actor=Actor.customer(user))
    _prove_address(user)
    live_through(customer=customer, details=DANA, now=timezone.now())
    set_switches(customer=customer, switches={"partner-offers": False}, actor=Actor.customer(user))
    customer.refresh_from_db()
    orders = shopped_before(customer, timezone.now())
    go_shopping(customer)
    return orders


def _employ_staff() -> None:
    boss = User.objects.create_superuser(STAFF_EMAIL, STAFF_PASSWORD)
    _give_app(boss)
    for role, email in STAFF_OF_ROLES.items():
        # Made once: computing what a password is kept as takes its time, on purpose.
        user = User.objects.create(email=email, is_staff=True, password=boss.password)
        user.groups.add(Group.objects.get(name=role.value))
        _give_app(user)


def _give_app(user: User) -> None:
    _prove_address(user)
    secret = seal_secret(user, STAFF_APP_KEY)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})


def _prove_address(user: User) -> None:
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    Customer.objects.filter(user=user).update(email_verified_at=timezone.now())


def _open_many(number: int, now: datetime, progress: Callable[[str], None]) -> None:
    people = invented_customers(number, now)
    done = 0
    while page := list(islice(people, CUSTOMERS_AT_ONCE)):
        with transaction.atomic():
            accept_policy_in_force(customers=Customer.objects.bulk_create(page))
        done += len(page)
        progress(f"{done} of {number} customers")
