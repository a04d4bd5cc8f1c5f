"""Nothing leaves the house but through an adapter, and an adapter wants a grant (THIRD-3)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGES, ROOT, functions, imports, name, tree

# What opens a connection, or carries something over one.
CARRIERS = (
    *("socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp"),
    *("ftplib", "poplib", "smtplib", "imaplib", "xmlrpc", "telnetlib", "socketserver", "paramiko"),
    *("asyncio.open_connection", "asyncio.open_unix_connection", "websockets", "grpc"),
    *("subprocess", "multiprocessing.connection", "ctypes"),
)
# Mail to our own customers goes another way; the tools of a developer's machine are no room.
DOORS = {
    "notifications/transport": "mail to our own customers",
    "bizsecure/local": "the tools of a developer's machine",
    "bizsecure/store/partners": "adapters to partners",
    "bizsecure/store/gateways": "adapters to card companies",
}
PARTNERS = ROOT / "bizsecure" / "store" / "partners"
REGISTER = ROOT / "consent" / "services"


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def carried(path: Path) -> list[str]:
    return [
        imported
        for imported in imports(path)
        if any(f"{imported}.".startswith(f"{carrier}.") for carrier in CARRIERS)
    ]


def is_a_door(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / door) for door in DOORS)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_but_the_adapters_can_open_a_connection(package: str) -> None:
    rooms = [path for path in sources() if path.is_relative_to(ROOT / package)]
    wrong = {name(path): carried(path) for path in rooms if not is_a_door(path) and carried(path)}
    assert rooms
    assert wrong == {}


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "leak.py"
    path.write_text(
        "import socket\nfrom http import client\nfrom urllib.request import urlopen\nimport httpx\n"
        "from http import HTTPStatus\nfrom urllib.parse import urlsplit\n"
    )
    assert carried(path) == ["socket", "http.client", "urllib.request.urlopen", "httpx"]


def test_only_the_register_makes_grants() -> None:
    makers = [
        name(path)
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        if getattr(node.func, "id", getattr(node.func, "attr", "")) == "Grant"
    ]
    assert makers == ["consent/services/disclosing.py"]


def test_only_authorise_makes_grants() -> None:
    [maker] = [
        function.name
        for function in functions(REGISTER / "disclosing.py")
        if any(
            isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Grant"
            for node in ast.walk(function)
        )
    ]
    assert maker == "authorise"


ADAPTERS = [
    path
    for path in sorted(PARTNERS.glob("*.py"))
    if "bizsecure.store.partners.client.ask" in set(imports(path))
]


@pytest.mark.parametrize("path", ADAPTERS, ids=name)
def test_every_function_of_an_adapter_wants_a_grant(path: Path) -> None:
    offered = [function for function in tree(path).body if isinstance(function, ast.FunctionDef)]
    without = [
        function.name
        for function in offered
        if {
            argument.arg: default and ast.unparse(default)
            for argument, default in zip(
                function.args.kwonlyargs, function.args.kw_defaults, strict=True
            )
            if argument.annotation and ast.unparse(argument.annotation) == "Grant"
        }
        != {"grant": None}
    ]
    assert offered
    assert without == []


def test_the_client_spends_the_grant_before_anything_else() -> None:
    [ask] = [each for each in functions(PARTNERS / "client.py") if each.name == "ask"]
    first = [
        node for node in ask.body if not isinstance(getattr(node, "value", None), ast.Constant)
    ]
    assert ast.unparse(first[0]).startswith("spend(grant=grant, recipient=partner,")


def test_only_the_client_opens_connections_to_partners() -> None:
    assert [path.name for path in PARTNERS.glob("*.py") if carried(path)] == ["client.py"]
    assert len(ADAPTERS) == 3
