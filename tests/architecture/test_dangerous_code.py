"""What no code of ours does, found by reading all of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.base import VALID_KEY_CHARS

from accounts.hashers import StrongScryptPasswordHasher
from accounts.models import Customer, User
from bizsecure import settings as own_settings
from tests.architecture.house import PACKAGES, ROOT, imports, name, tree

SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if not path.is_relative_to(ROOT / "bizsecure" / "local")
]
SCRIPTS = sorted((ROOT / "bizsecure" / "static").rglob("*.js"))
EVALUATING = {"eval", "exec", "compile", "__import__"}
UNPICKLING = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
# AES-GCM and AES-SIV, signatures, and what makes keys of keys.
CRYPTOGRAPHY = re.compile(
    r"cryptography\.(exceptions\.\w+|hazmat\.primitives\.(hashes\.SHA256|kdf\.hkdf\.HKDF"
    r"|ciphers\.aead\.(AESGCM|AESSIV)|asymmetric\.(ed25519|rsa|padding)(\.\w+)?"
    r"|serialization(\.\w+)?|hashes))"
)
# As appendix C of the standard has them.
HASHES = {"sha256", "sha384", "sha512", "blake2b"}
# A list of breached passwords is one of SHA-1 hashes; nothing is protected by it.
LOOKED_UP_BY_SHA1 = {ROOT / "accounts" / "passwords.py"}
# Its patterns are made of the words that stand in accounts/blocklist.py.
MADE_OF_LISTS = {ROOT / "accounts" / "passwords.py"}
# They fill a place in a statement with a name of ours: a table's, a column's, a trigger's.
STATEMENTS = {"execute", "executemany", "RawSQL", "raw", "extra"}


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Return each call of a module by the last part of its name."""
    return [
        (getattr(node.func, "attr", getattr(node.func, "id", "")), node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


def wrong(path: Path) -> list[str]:
    """Return what a module does that evaluates or unpickles something."""
    evaluates = [
        called
        for called, node in calls(path)
        if called in EVALUATING and isinstance(node.func, ast.Name)
    ]
    return evaluates + [each for each in imports(path) if each.partition(".")[0] in UNPICKLING]


def test_nothing_is_evaluated_or_unpickled() -> None:
    assert {name(path): wrong(path) for path in SOURCES if wrong(path)} == {}
    assert django_settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert django_settings.SESSION_SERIALIZER == "bizsecure.core.sessions.SealedSerializer"


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("import pickle\nfrom marshal import loads\neval('1')\nre.compile('x')\n")
    assert wrong(path) == ["eval", "pickle", "marshal.loads"]


def test_no_statement_is_put_together_from_what_somebody_typed() -> None:
    """No request is at hand where a statement is put together: only services and migrations do."""
    typed = ("request.", "cleaned_data", ".POST", ".GET")
    found = {
        name(path)
        for path in SOURCES
        for called, node in calls(path)
        if called in STATEMENTS and any(word in ast.unparse(node) for word in typed)
    }
    assert found == set()
    assert not [
        name(path)
        for path in SOURCES
        # The probe asks whether the database answers at all.
        if path.parent.name == "views" and path.stem != "probes"
        if {"RawSQL", "raw", "extra", "cursor"} & {called for called, _node in calls(path)}
    ]


def test_no_pattern_is_built_from_what_somebody_typed() -> None:
    """A pattern is written out, or put together of what is, and escaped where it is not."""
    built = {
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        if path not in MADE_OF_LISTS
        for called, node in calls(path)
        if called in {"compile", "match", "search", "fullmatch", "sub", "findall", "split"}
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re"
        if node.args and not isinstance(node.args[0], (ast.Constant, ast.Name, ast.JoinedStr))
        if "escape" not in ast.unparse(node.args[0]) and not _is_written_out(node.args[0])
    }
    assert built == set()


def _is_written_out(node: ast.expr) -> bool:
    return all(
        isinstance(each, (ast.BinOp, ast.Constant, ast.Add, ast.Name, ast.Load))
        for each in ast.walk(node)
    )


def test_no_secret_comes_from_a_weak_source() -> None:
    weak = {
        name(path)
        for path in SOURCES
        if "random" in {each.partition(".")[0] for each in imports(path)}
    }
    # Invented customers of the demonstration are drawn by lot, the same each time.
    assert {each for each in weak if not each.startswith("bizsecure/demo/")} == set()
    assert len(VALID_KEY_CHARS) ** 32 >= 2**128


def test_only_approved_cryptography_is_imported() -> None:
    used = {
        each
        for path in SOURCES
        for each in imports(path)
        if each.startswith("cryptography.") and not CRYPTOGRAPHY.fullmatch(each)
    }
    assert used == set()


def test_only_approved_hashes_are_used() -> None:
    used = {
        (path, called)
        for path in SOURCES
        for called, node in calls(path)
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "hashlib"
        if called not in HASHES
    }
    assert {path for path, _called in used} <= LOOKED_UP_BY_SHA1
    assert {called for _path, called in used} <= {"sha1"}


def test_passwords_are_stretched_as_the_standard_asks() -> None:
    hasher = StrongScryptPasswordHasher
    assert hasher.work_factor >= 2**15
    assert hasher.block_size >= 8
    assert hasher.parallelism >= 3
    # Of the site: in the processes of the tests passwords cost nothing.
    assert own_settings.PASSWORD_HASHERS == ["accounts.hashers.StrongScryptPasswordHasher"]


def test_a_new_database_knows_nobody(db: None) -> None:
    assert not User.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_keep_nothing_and_make_no_markup(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    words = (
        *("localStorage", "sessionStorage", "indexedDB", "innerHTML", "outerHTML", "eval("),
        *("document.write", "insertAdjacentHTML", "__proto__", "prototype", "document.cookie"),
        *("postMessage", "new Function", "importScripts"),
    )
    assert [word for word in words if word in source] == []
