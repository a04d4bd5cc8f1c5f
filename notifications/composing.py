"""The words of a campaign, and one customer's message made of them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import mrml
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext

from bizsecure.core.keyring import keyring
from bizsecure.core.languages import spoken
from consent.links import choose_token
from consent.models import PolicyVersion
from notifications.due import DueMail
from notifications.frame import HEADERS, NO_REMOTE_FONTS, REPLY_TO, UNFIT
from notifications.kinds import KINDS, KindKey
from notifications.letters import HOLE, LEFT_OUT, letter_as_kept
from notifications.models import Campaign, OutgoingMail
from notifications.skeleton import LONGEST_VALUE, Skeleton
from notifications.transport import Prepared
from notifications.unsubscribing import list_headers, sealed_token, use_id_of

PLACEHOLDER = re.compile(r"\[\[([a-z]+)\]\]")


def compose(
    kind: KindKey, version: PolicyVersion, language: str = settings.LANGUAGE_CODE
) -> dict[str, str]:
    """Return subject, text and HTML of a mail about this version, with holes for a customer."""
    with translation.override(language):
        return _composed(kind, version)


def _composed(kind: KindKey, version: PolicyVersion) -> dict[str, str]:
    template = KINDS[kind].template
    context = {
        "version": version,
        "effective": date_format(day, "DATE_FORMAT") if (day := version.effective_on) else "",
        "points": version.words.summary_lines,
        "new_uses": [declared.words.question for declared in version.new_uses()],
        "greeting": gettext("Hello [[name]],"),
        "site_url": settings.SITE_URL,
        "policy_url": settings.SITE_URL + version.get_absolute_url(),
        "contact": REPLY_TO,
    }
    subject = " ".join(render_to_string(f"{template}.subject.txt", context).split())
    mjml = render_to_string(f"{template}.mjml", context)
    return {
        "subject": subject,
        "text": render_to_string(f"{template}.txt", context).strip() + "\n",
        "html": mrml.to_html(mjml, None, NO_REMOTE_FONTS).content,
    }


def message(mail: DueMail, now: datetime) -> Prepared:
    """Return one customer's message of a campaign. Raises ValueError for an unusable address."""
    skeleton, fields, version_id, use_id = _skeleton(mail.campaign_id or 0, mail.language)
    known = _values(mail.customer_id, mail.name, mail.language, version_id, use_id)
    values = {key: value for key, value in known.items() if key in fields}
    return skeleton.prepare(to=mail.address, message_id=mail.message_id, date=now, values=values)


def text_as_sent(mail: OutgoingMail, name: str) -> str:
    """Return the text of a mail as its customer got it."""
    if mail.campaign is None:
        return letter_as_kept(mail.content)
    values = _values_as_sent(mail, name)
    return PLACEHOLDER.sub(lambda hole: values[hole[1]], mail.words.text)


def html_as_sent(mail: OutgoingMail, name: str) -> str:
    """Return the HTML of a mail as its customer got it."""
    if mail.campaign is None:
        return HOLE.sub(str(LEFT_OUT), str(mail.content.html))
    values = _values_as_sent(mail, name)
    return PLACEHOLDER.sub(lambda hole: escape(values[hole[1]]), mail.words.html)


def return_path(key: int) -> str:
    """Return the address to which a bounce of this mail comes, unguessable for others."""
    return f"bounce+{keyring().seal_address('bounce', key)}@{settings.MAIL_DOMAIN}"


def _values_as_sent(mail: OutgoingMail, name: str) -> dict[str, str]:
    campaign = cast("Campaign", mail.campaign)
    return _values(mail.customer_id, name, mail.language, campaign.version_id, _use_id(campaign))


def _values(
    customer_id: int | None,
    name: str,
    language: str | None,
    version_id: int | None,
    use_id: int | None,
) -> dict[str, str]:
    values = {"name": UNFIT.sub(" ", name)[:LONGEST_VALUE].strip() or _nameless(language)}
    if customer_id and version_id:
        token = choose_token(customer_id=customer_id, version_id=version_id)
        values["link"] = f"{_choose_address()}{token}/"
    if customer_id and use_id:
        values["token"] = sealed_token(customer_id, use_id)
    return values


def _use_id(campaign: Campaign) -> int | None:
    use = campaign.definition.use
    return use_id_of(use) if use else None


def _nameless(language: str | None) -> str:
    """What somebody is called whose name we do not know."""
    with translation.override(spoken(language)):
        return gettext("customer")


@lru_cache(maxsize=1)
def _choose_address() -> str:
    """The address of an answer, up to its token: looking it up costs more than the mail itself."""
    return settings.SITE_URL + reverse("choose", args=["x"]).removesuffix("x/")


@lru_cache(maxsize=32)
def _skeleton(
    campaign_id: int, language: str | None
) -> tuple[Skeleton, frozenset[str], int | None, int | None]:
    """Built once a process and language: the words of a campaign are pinned."""
    campaign: Any = Campaign.objects.get(pk=campaign_id)
    words = campaign.words_in(language)
    headers = {**HEADERS, **list_headers(campaign.definition)}
    written = (words.subject, words.text, words.html, *headers.values())
    fields = frozenset(PLACEHOLDER.findall("".join(written)))
    skeleton = Skeleton.build(
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=campaign.definition.sender.header,
        reply_to=REPLY_TO,
        headers=headers,
        fields=fields,
    )
    return skeleton, fields, campaign.version_id, _use_id(campaign)
