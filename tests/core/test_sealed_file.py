"""A file sealed in parts opens whole or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.keyring import Tampered
from bizsecure.core.sealed_file import PART_BYTES, SealingWriter, new_key, opened, sealed_parts

KEY = new_key()


def sealed(*pieces: bytes) -> list[bytes]:
    file = io.BytesIO()
    writer = SealingWriter(KEY, file)
    for piece in pieces:
        writer.write(piece)
    writer.close()
    file.seek(0)
    return list(sealed_parts(file))


@given(
    sizes=st.lists(
        st.sampled_from([0, 1, 100, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1]), max_size=4
    )
)
def test_what_was_written_in_any_pieces_is_read_again(sizes: list[int]) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    assert b"".join(opened(KEY, sealed(*pieces))) == b"".join(pieces)


THREE = sealed(b"a" * PART_BYTES, b"b" * PART_BYTES, b"c")


@pytest.mark.parametrize(
    "parts",
    [
        [],
        THREE[:2],
        THREE[:1],
        [THREE[0], THREE[2]],
        [THREE[1], THREE[0], THREE[2]],
        [*THREE, THREE[2]],
        [THREE[0], THREE[1], THREE[2][:-1] + b"x"],
    ],
    ids=["nothing", "cut off", "cut shorter", "one missing", "exchanged", "longer", "altered"],
)
def test_a_file_that_is_not_what_was_sealed_does_not_open(parts: list[bytes]) -> None:
    with pytest.raises(Tampered):
        list(opened(KEY, parts))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Tampered):
        list(opened(new_key(), THREE))


def test_nothing_of_the_content_shows() -> None:
    assert b"hello" not in b"".join(sealed(b"hello" * 1000))
