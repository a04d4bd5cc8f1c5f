"""Which passwords are good: any that are long and that nobody guesses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import get_default_password_validators as validators
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts.hashers import StrongScryptPasswordHasher
from accounts.models import User
from accounts.passwords import is_breached, refuse_names, remainder

NORA = User(email="nora.newcomb@alderstreet.example")
NAME = "Nora Quillfeather"

GOOD = {
    "words": "a lantern over the harbor",
    "words of a portal": "dana-shows-the-portal",
    "15 characters": "kfzpwmtrxhbcnqd",
    "128 characters": "kfzpw mtrxh bcnqd " * 7 + "xy",
    "digits": "839201746582910",
    "spaces at the ends": "  rivers run uphill  ",
    "another script": "река течёт вверх по склону",
    "emoji": "🐢🐇🌧️🍐🧭🪁🧵🦆🪣🐌🎺🧱🪶🍋🚲",
    "markup": "<b>rivers</b> uphill & 'down'",
    "a common word among others": "password of the turtle king",
    "our name among others": "bizsecure keeps seven turtles",
}
BAD = {
    "14 characters": ("kfzpwmtrxhbcnq", "password_too_short"),
    "129 characters": ("kfzpw mtrxh bcnqd " * 7 + "xyz", "password_too_long"),
    "5000 characters": ("kfzpwmtrxhbcnqd?" * 320, "password_too_long"),
    "one character": ("a" * 15, "password_repeated"),
    "spaces": (" " * 15, "password_repeated"),
    "a word twice": ("passwordpassword", "password_repeated"),
    "a word twice and a half": ("turtleturtletur", "password_repeated"),
    "our name twice": ("bizsecurebizsecure", "password_repeated"),
    "our words": ("BizSecure Hosting 2027!", "password_too_common"),
    "our partners": ("geotrust-scanalert", "password_too_common"),
    "a row of keys": ("qwertyuiopasdfghjkl", "password_too_common"),
    "keys up and down": ("1qaz2wsx3edc4rfv", "password_too_common"),
    "backwards": ("zyxwvutsrqponmlk", "password_too_common"),
    "numbers in order": ("123456789012345", "password_too_common"),
    "a common word and numbers": ("password12345678", "password_too_common"),
    "signs for letters": ("P@$$w0rd-P4ssw0rd!", "password_too_common"),
    "full-width letters": (
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44 12345678",
        "password_too_common",
    ),
    "a known phrase": ("correct horse battery staple", "password_too_common"),
    "a known line": ("May the Force be with you!", "password_too_common"),
    "a season": ("Summer2027Summer2026", "password_too_common"),
    "common words": ("iloveyouprincess", "password_too_common"),
    "her address": ("nora.newcomb@alderstreet.example", "password_too_similar"),
    "her name": ("NoraQuillfeather1", "password_too_similar"),
    "her name and a year": ("quillfeather-nora-1984", "password_too_similar"),
}


def faults(password: str) -> set[str | None]:
    try:
        validate_password(password, NORA)
        refuse_names(password, f"{NORA.email} {NAME}")
    except ValidationError as problem:
        return {each.code for each in problem.error_list}
    return set()


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD.keys())
def test_anything_long_that_nobody_guesses_is_good(password: str) -> None:
    assert faults(password) == set()


def test_each_rule_says_what_it_is() -> None:
    assert all(password_validators_help_texts())


@pytest.mark.parametrize(("password", "fault"), BAD.values(), ids=BAD.keys())
def test_what_is_guessed_first_is_refused_and_why(password: str, fault: str) -> None:
    assert fault in faults(password)


def test_no_rule_asks_for_kinds_of_characters() -> None:
    said = " ".join(each.get_help_text() for each in validators()).lower()
    assert not [word for word in ("uppercase", "digit", "symbol", "special") if word in said]


def test_what_is_left_is_what_a_guesser_does_not_know() -> None:
    assert remainder("bizsecure keeps seven turtles") == "kepseventurtles"
    assert remainder("P@ssw0rd 1234 2027") == ""


@pytest.mark.parametrize("others", [0, 1, 2, 3, 50])
def test_a_list_of_breached_passwords_is_searched_where_it_lies(
    tmp_path: Path, settings: Settings, others: int
) -> None:
    stolen = "a lantern over the harbor"
    known = [stolen, *(f"turtle number {n}" for n in range(others))]
    hashes = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in known)  # noqa: S324
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{each}:{n}\r\n" for n, each in enumerate(hashes)), encoding="ascii")
    assert all(is_breached(each, path) for each in known)
    assert not is_breached("rivers run uphill", path)

    assert faults(stolen) == set()
    settings.BREACHED_PASSWORDS = str(path)
    assert faults(stolen) == {"password_breached"}


def test_an_empty_list_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "breached.txt"
    path.write_text("", encoding="ascii")
    assert not is_breached("anything", path)


def test_a_letter_with_an_accent_is_the_same_however_a_keyboard_writes_it() -> None:
    class Cheap(StrongScryptPasswordHasher):
        work_factor = 2

    encoded = Cheap().encode("caf\u00e9 at the corner", "salt" * 6)
    assert Cheap().verify("cafe\u0301 at the corner", encoded)
