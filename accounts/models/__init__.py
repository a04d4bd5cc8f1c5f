"""Customers, those who sign in, and what the company knows about a person."""

from __future__ import annotations

from accounts.models.address_changes import AddressChange, AddressChangeQuerySet
from accounts.models.claims import MOST_TRIES, ClaimCode, ClaimCodeQuerySet
from accounts.models.closings import Closing, ClosingQuerySet
from accounts.models.customers import Address, Customer, CustomerQuerySet, new_number
from accounts.models.downloads import Download, DownloadPart, DownloadQuerySet
from accounts.models.keys import CustomerKey
from accounts.models.ledgers import AccountEvent, CustomerRow, ProfileChange
from accounts.models.staff import (
    ConfidentialityAcceptance,
    ConfidentialityTerms,
    FactorRemoval,
    Mandate,
    MandateLetter,
    StaffAccess,
)
from accounts.models.users import User, UserManager

__all__ = [
    "MOST_TRIES",
    "AccountEvent",
    "Address",
    "AddressChange",
    "AddressChangeQuerySet",
    "ClaimCode",
    "ClaimCodeQuerySet",
    "Closing",
    "ClosingQuerySet",
    "ConfidentialityAcceptance",
    "ConfidentialityTerms",
    "Customer",
    "CustomerKey",
    "CustomerQuerySet",
    "CustomerRow",
    "Download",
    "DownloadPart",
    "DownloadQuerySet",
    "FactorRemoval",
    "Mandate",
    "MandateLetter",
    "ProfileChange",
    "StaffAccess",
    "User",
    "UserManager",
    "new_number",
]
