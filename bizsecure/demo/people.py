"""Invented customers. Nobody here exists, and no address here can receive mail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.models import Customer

FIRST_NAMES = [
    "Ada",
    "Bela",
    "Chidi",
    "Dalia",
    "Emre",
    "Fatima",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Keiko",
    "Liam",
    "Maria",
    "Nuno",
    "Olga",
    "Priya",
    "Quinn",
    "Rosa",
    "Sven",
    "Tariq",
    "Uma",
    "Viktor",
    "Wanda",
    "Ximena",
    "Yusuf",
    "Zoe",
    "Anaïs",
    "Bjørn",
    "Çağla",
    "Đorđe",
]
LAST_NAMES = [
    "Abara",
    "Berg",
    "Castro",
    "Dvořák",
    "Eriksen",
    "Fontaine",
    "García",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindgren",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Schneider",
    "Tanaka",
    "Umar",
    "Vasquez",
    "Weber",
    "Yildiz",
    "Zhang",
]
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "UTC")
# Reserved for examples (RFC 2606): mail to it goes nowhere.
MAIL_DOMAIN = "customers.example"


def invented_customers(number: int, now: datetime) -> Iterator[Customer]:
    """Yield as many customers as asked for, the same ones each time, who joined long ago."""
    chance = random.Random(2007)  # noqa: S311  invented data need no cryptographic chance
    for index in range(number):
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        joined_at = now - timedelta(days=chance.randrange(40, 3000), seconds=index % 86400)
        yield Customer(
            name=f"{first} {last}",
            email=f"customer-{index + 1}@{MAIL_DOMAIN}",
            email_verified_at=joined_at,
            time_zone=chance.choice(ZONES),
            joined_at=joined_at,
        )
