"""The pieces of personal information, and what they are called (OPT-3)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# Read after "your", and with a capital letter where one stands alone.
FIELD_LABELS: dict[str, Any] = {
    "name": _("name"),
    "company": _("company"),
    "email": _("e-mail address"),
    "telephone": _("telephone number"),
    "language": _("language"),
    "time_zone": _("time zone"),
    "street": _("billing address: street"),
    "extra": _("billing address: apartment or building"),
    "city": _("billing address: city"),
    "region": _("billing address: state or region"),
    "postcode": _("billing address: postal code"),
    "country": _("billing address: country"),
    "postal_street": _("postal address: street"),
    "postal_extra": _("postal address: apartment or building"),
    "postal_city": _("postal address: city"),
    "postal_region": _("postal address: state or region"),
    "postal_postcode": _("postal address: postal code"),
    "postal_country": _("postal address: country"),
}
ADDRESS_FIELDS = ("street", "extra", "city", "region", "postcode", "country")
POSTAL_FIELDS = tuple(f"postal_{name}" for name in ADDRESS_FIELDS)
# A reader of the log takes the lines of an address for one thing.
TOPICS: dict[str, Any] = {
    **FIELD_LABELS,
    **dict.fromkeys(ADDRESS_FIELDS, _("billing address")),
    **dict.fromkeys(POSTAL_FIELDS, _("postal address")),
}
