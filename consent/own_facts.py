"""What this room tells customers of their own, beside the sections of a policy."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.fields import TOPICS
from accounts.models import Customer, ProfileChange, StaffAccess
from accounts.services.personal import personal_details
from consent.beside import Fact, tells
from consent.grounds import BY_THE_PORTAL
from consent.models import Disclosure
from consent.notes import Topic
from consent.pending import open_changes

YEAR = timedelta(days=365)
MOST_NAMES = 4


def _details(customer: Customer, now: datetime) -> Fact:
    held = {"email": customer.email, **vars(personal_details(customer))}
    # In the order of the page where they are edited, an address as one thing.
    names = dict.fromkeys(str(label) for field, label in TOPICS.items() if held.get(field))
    text = _("Since %(day)s you are our customer, and we hold your %(names)s.") % {
        "day": _day(customer.joined_at),
        "names": get_text_list(list(names), str(_("and"))),
    }
    return Fact(text, reverse("personal"), _("See and correct it"))


def _looks(customer: Customer, now: datetime) -> Fact:
    looks = StaffAccess.objects.visible_to(customer).filter(recorded_at__gt=now - YEAR)
    seen = looks.aggregate(number=Count("pk"), last=Max("recorded_at"))
    if seen["number"]:
        text = ngettext(
            "Our staff opened your record once within a year, on %(day)s.",
            "Our staff opened your record %(number)s times within a year, last on %(day)s.",
            seen["number"],
        ) % {"number": seen["number"], "day": _day(seen["last"])}
    else:
        text = _("None of our staff opened your record within a year.")
    return Fact(text, f"{reverse('log')}?kind=staff", _("See who looked"))


def _corrections(customer: Customer, now: datetime) -> Fact:
    last = ProfileChange.objects.filter(customer=customer).aggregate(last=Max("recorded_at"))
    if last["last"]:
        text = _("Your information last changed on %(day)s.") % {"day": _day(last["last"])}
    else:
        text = _("Your information has never changed.")
    return Fact(text, reverse("history"), _("See each change"))


def _recipients(customer: Customer, now: datetime) -> Fact:
    rows = Disclosure.objects.visible_to(customer, now).filter(ground__in=BY_THE_PORTAL)
    last = rows.order_by("party").values_list("party").annotate(last=Max("recorded_at"))
    parties = [party for party, _last in sorted(last, key=lambda row: row[1], reverse=True)]
    more = len(parties) - MOST_NAMES
    if more > 0:
        others = ngettext("%(more)s other", "%(more)s others", more) % {"more": more}
        parties = [*parties[:MOST_NAMES], others]
    if parties:
        names = get_text_list(parties, str(_("and")))
        text = _("For what you bought or chose, something of yours went to %(names)s.") % {
            "names": names
        }
    else:
        text = _("Nothing of yours has gone to anybody yet.")
    return Fact(text, reverse("disclosures"), _("See who has it"))


def _disclosures(customer: Customer, now: datetime) -> Fact:
    rows = Disclosure.objects.visible_to(customer, now).exclude(ground__in=BY_THE_PORTAL)
    number = rows.count()
    if number:
        text = ngettext(
            "Your list shows one such disclosure.",
            "Your list shows %(number)s such disclosures.",
            number,
        ) % {"number": number}
    else:
        # Not "there was none": a law may forbid us to say so before its day.
        text = _("Your list shows no such disclosure.")
    return Fact(text, reverse("disclosures"), _("See your list"))


def _notices(customer: Customer, now: datetime) -> Fact:
    waiting = open_changes(customer)
    if not waiting:
        return Fact(_("No change waits for you."), reverse("choices"), _("See your choices"))
    change = waiting[0]
    text = _("Version %(number)s waits for you to read it.") % {"number": change.version.number}
    if change.uses:
        text = _("Version %(number)s waits for your answer.") % {"number": change.version.number}
    if change.days_left:
        left = ngettext("One day is left.", "%(days)s days are left.", change.days_left)
        text = f"{text} {left % {'days': change.days_left}}"
    return Fact(text, change.url, _("Read and choose") if change.uses else _("Read it"))


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


tells(Topic.DETAILS, _details)
tells(Topic.LOOKS, _looks)
tells(Topic.CORRECTIONS, _corrections)
tells(Topic.RECIPIENTS, _recipients)
tells(Topic.DISCLOSURES, _disclosures)
tells(Topic.NOTICES, _notices)
