"""Files that come with messages: which are taken, and how they are kept.

Kept are documents, pictures and plain texts, known by how they begin and not by what their
sender calls them. What looks into each of them is the function that CASE_ATTACHMENT_SCANNER
names; an operator with a scanner for viruses puts one there that asks it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.utils.module_loading import import_string

from bizsecure.core.sealed_file import PART_BYTES, SEALED_PART_BYTES, SealingWriter, new_key, opened
from notifications.models import CaseAttachment

LARGEST = 5 * 1024 * 1024
MOST = 10
LONGEST_NAME = 200
# How a file of each kind begins. Those without a beginning are text, and hold no NUL.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    "odt": (b"PK\x03\x04",),
    "docx": (b"PK\x03\x04",),
    "txt": (),
    "log": (),
    "csv": (),
    "eml": (),
}
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"#!")

Refusal = CaseAttachment.Refusal
Scanner = Callable[[str, bytes], bool]


@dataclass(frozen=True)
class Attachment:
    """A file as it came: what its sender calls it, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Kept:
    """A file as it is kept: sealed, or not at all and why."""

    name: str
    size: int
    refusal: str = ""
    key: str | None = None
    content: bytes | None = None


def examined(attachments: Iterable[Attachment]) -> Iterator[Kept]:
    """Yield each file as it is to be kept. Those that are not taken are named all the same."""
    for number, attachment in enumerate(attachments):
        name, size = plain_name(attachment.name), len(attachment.content)
        refusal = Refusal.TOO_MANY if number >= MOST else _refusal(name, attachment.content)
        yield Kept(name, size, refusal) if refusal else _sealed(name, attachment.content)


def opened_content(attachment: CaseAttachment) -> bytes:
    """Return the content of a file that is kept. Raises Tampered if it was altered."""
    sealed = bytes(attachment.content or b"")
    parts = (sealed[at : at + SEALED_PART_BYTES] for at in range(0, len(sealed), SEALED_PART_BYTES))
    return b"".join(opened(bytes.fromhex(attachment.key or ""), parts))


def plain_name(name: str) -> str:
    """Return the name of a file without folders, and without what cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in last if character.isprintable()).strip(" .")
    return visible[-LONGEST_NAME:] or "file"


def is_no_program(name: str, content: bytes) -> bool:
    """Say whether a file may be kept as far as a look at its first bytes can tell."""
    return not content.lstrip(b"\xef\xbb\xbf").startswith(PROGRAMS)


def _refusal(name: str, content: bytes) -> str:
    if len(content) > LARGEST:
        return Refusal.TOO_LARGE
    if not _is_what_it_says(name, content):
        return Refusal.TYPE
    scanner: Scanner = import_string(settings.CASE_ATTACHMENT_SCANNER)
    return "" if scanner(name, content) else Refusal.SCANNER


def _is_what_it_says(name: str, content: bytes) -> bool:
    beginnings = BEGINNINGS.get(PurePosixPath(name).suffix.removeprefix(".").lower())
    if beginnings is None:
        return False
    return content.startswith(beginnings) if beginnings else b"\0" not in content


def _sealed(name: str, content: bytes) -> Kept:
    key, file = new_key(), io.BytesIO()
    writer = SealingWriter(key, file)
    for at in range(0, len(content), PART_BYTES):
        writer.write(content[at : at + PART_BYTES])
    writer.close()
    return Kept(name, len(content), key=key.hex(), content=file.getvalue())
