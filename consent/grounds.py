"""The closed lists of the register: to what end, on which ground, and what may leave the house.

What is not in these lists cannot be disclosed at all; the database knows the same lists.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """To what end. The first four are the keys of uses that the privacy policy declares."""

    VERIFY_PAYMENT = "verify-payment", _("verify and authorize your payment")
    DELIVER_CERTIFICATE = "deliver-certificate", _("issue the certificate you bought")
    DELIVER_SCANNING = "deliver-site-scanning", _("carry out the site scanning you bought")
    UPTIME_WATCH = (
        "uptime-watch",
        _("watch that your site is up and tell you when it is not"),
    )
    IDENTIFY = "identify", _("identify someone who is causing harm")
    CONTACT = "contact", _("contact someone who is causing harm")
    BRING_ACTION = "bring-action", _("bring action against someone who is causing harm")
    OBEY_LAW = "obey-law", _("do what the law requires")
    PROVIDE_SERVICE = "provide-service", _("provide the service to you")
    PROTECT_INTERESTS = "protect-interests", _("protect legitimate interests")
    OBEY_ORDER = "obey-order", _("obey a valid legal order")
    REPORT_CRIME = "report-crime", _("report what appears to be a crime")
    CARRY_ON = "carry-on-business", _("carry on the part of our business that serves you")


class LegalGround(models.TextChoices):
    """Why something may leave the house.

    Two of section 11 for information, four for contents, and the sale of a part of the business
    (section 7), which customers are told of and which opens no communication to anybody.
    """

    PURCHASE = "purchase", _("needed to carry out your purchase")
    CHOICE = "choice", _("your yes")
    WITHDRAWN = "withdrawn", _("you took your yes back")
    HARM = "harm", _("someone is causing harm")
    LAW = "law", _("the law requires it")
    SERVICE = "service", _("necessary to provide the service to you")
    INTERESTS = "interests", _("necessary to protect legitimate interests")
    ORDER = "order", _("a valid legal order demands it")
    CRIME = "crime", _("come upon inadvertently, and apparently about a crime")
    TRANSFER = "transfer", _("part of our business is sold")


# Each entered by a member of staff and approved by another one.
FOR_INFORMATION = (LegalGround.HARM, LegalGround.LAW)
FOR_CONTENTS = (
    LegalGround.SERVICE,
    LegalGround.INTERESTS,
    LegalGround.ORDER,
    LegalGround.CRIME,
)
BY_STAFF = FOR_INFORMATION + FOR_CONTENTS
BY_THE_PORTAL = (LegalGround.PURCHASE, LegalGround.CHOICE, LegalGround.WITHDRAWN)
# Announced by one member of staff, agreed to by another one (THIRD-5).
BY_ANNOUNCEMENT = (LegalGround.TRANSFER,)


class DataField(models.TextChoices):
    """A piece of information as the register names it."""

    NAME = "name", _("name")
    EMAIL = "email", _("e-mail address")
    BILLING_ADDRESS = "billing-address", _("billing address")
    POSTAL_ADDRESS = "postal-address", _("postal address")
    TELEPHONE = "telephone", _("telephone number")
    CARD = "card", _("card data")
    PAYMENTS = "payments", _("record of payments")
    ACCOUNT_STATUS = "account-status", _("account status")
    SERVICES = "services", _("choice of services")
    SITE_ADDRESS = "site-address", _("site address")
    CUSTOMER_LOG = "customer-log", _("customer log")
    OUR_REFERENCE = "our-reference", _("reference that we gave you there")
    MAIL_CONTENTS = "mail-contents", _("contents of e-mail")
    FILE_CONTENTS = "file-contents", _("contents of stored files")
    MESSAGE_CONTENTS = "message-contents", _("contents of other messages")


CONTENTS = (DataField.MAIL_CONTENTS, DataField.FILE_CONTENTS, DataField.MESSAGE_CONTENTS)


def as_list(fields: Iterable[str]) -> str:
    """Return fields as the register writes them: each once, in the order of their names."""
    return ",".join(sorted({DataField(field).value for field in fields}))


def from_list(written: str) -> list[DataField]:
    """Return the fields that a list in the register names."""
    return [DataField(name) for name in written.split(",")]
