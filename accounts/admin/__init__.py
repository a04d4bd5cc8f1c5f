"""The staff pages of this room."""

from __future__ import annotations

from accounts.admin import contents
from accounts.admin.customers import CustomerAdmin
from accounts.admin.looking import StaffAccessAdmin
from accounts.admin.record import ConfidentialAdmin, CustomerRecordAdmin
from accounts.admin.sign_ins import GroupAdmin, UserAdmin

__all__ = [
    "ConfidentialAdmin",
    "CustomerAdmin",
    "CustomerRecordAdmin",
    "GroupAdmin",
    "StaffAccessAdmin",
    "UserAdmin",
    "contents",
]
