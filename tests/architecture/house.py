"""What the architecture tests know of the house: its rooms, in which order, and their code."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bizsecure", "accounts", "consent", "notifications")


def layers() -> list[list[str]]:
    """Return the rooms from the top floor down, as the import contract in pyproject has them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    contract = next(contract for contract in contracts if contract["type"] == "layers")
    return [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]


def room_of(module: str) -> str | None:
    """Return the room a module belongs to, or None if it belongs to none of ours."""
    rooms = [room for floor in layers() for room in floor]
    return next((room for room in rooms if f"{module}.".startswith(f"{room}.")), None)


def height(room: str) -> int:
    """Return on which floor a room is; the ground floor is 0."""
    return next(number for number, floor in enumerate(reversed(layers())) if room in floor)


def modules(*kinds: str) -> list[Path]:
    """Return our modules that are called so, `views.py` as well as all in a folder `views`.

    The tools in bizsecure/local are no room of the portal and stay out.
    """
    return sorted(
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (path.stem in kinds or path.parent.name in kinds)
        and not path.is_relative_to(ROOT / "bizsecure" / "local")
    )


def name(path: Path) -> str:
    """Return how a failing test calls a file."""
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    """Return the parsed source of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module, methods too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything a module imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
