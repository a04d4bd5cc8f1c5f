from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from bizsecure.local.services import free_port
from bizsecure.local.surroundings import Surroundings, look_around, write_first_env


def look(root: Path, given: Mapping[str, str], port: int = 8000) -> Surroundings:
    """Look around with the `.env` of the first run, unless `given` says otherwise."""
    write_first_env(root)
    lines = (root / ".env").read_text().splitlines()
    written = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return look_around(root, port, given=given, known={**written, **given})


def test_the_first_run_writes_secrets_only_their_owner_can_read(tmp_path: Path) -> None:
    assert write_first_env(tmp_path)

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_the_second_run_keeps_what_is_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=mine\n")

    assert not write_first_env(tmp_path)
    assert (tmp_path / ".env").read_text() == "SECRET_KEY=mine\n"


def test_two_copies_have_different_secrets(tmp_path: Path) -> None:
    for copy in ("one", "two"):
        (tmp_path / copy).mkdir()
        write_first_env(tmp_path / copy)

    one, two = (
        set((tmp_path / copy / ".env").read_text().splitlines()[3:5]) for copy in ("one", "two")
    )
    assert len(one | two) == 4


def test_everything_private_is_started_by_default(tmp_path: Path) -> None:
    surroundings = look(tmp_path, {})

    assert surroundings.left_out == set()
    assert surroundings.environment["REDIS_URL"] == f"redis+socket://{tmp_path}/var/redis.sock"
    assert surroundings.environment["SITE_URL"] == "http://localhost:8000"


def test_another_port_changes_the_address_of_the_site(tmp_path: Path) -> None:
    assert look(tmp_path, {}, 8001).environment["SITE_URL"] == "http://localhost:8001"


def test_an_address_the_reader_gives_is_kept(tmp_path: Path) -> None:
    surroundings = look(tmp_path, {"SITE_URL": "https://portal.example"}, 8001)

    assert surroundings.environment["SITE_URL"] == "https://portal.example"


@pytest.mark.parametrize("name", ["REDIS_URL", "REDIS_URL_FILE"])
def test_a_redis_of_the_readers_own_replaces_the_private_one(tmp_path: Path, name: str) -> None:
    surroundings = look(tmp_path, {name: "redis://example"})

    assert surroundings.left_out == {"redis"}
    assert surroundings.environment[name] == "redis://example"


@pytest.mark.parametrize("name", ["EMAIL_URL", "EMAIL_URL_FILE"])
def test_a_mail_server_of_the_readers_own_replaces_the_catcher(tmp_path: Path, name: str) -> None:
    surroundings = look(tmp_path, {name: "smtp+tls://mail.example:587"})

    assert surroundings.left_out == {"mail"}
    assert surroundings.mail_page is None


def test_mail_goes_to_whoever_listens_already(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"smtp://localhost:{server.getsockname()[1]}"
        assert look(tmp_path, {"EMAIL_URL": url}).mail_page is None

    assert look(tmp_path, {"EMAIL_URL": f"smtp://localhost:{free_port()}"}).mail_page


def test_a_folder_that_was_moved_still_finds_its_redis(tmp_path: Path) -> None:
    surroundings = look(tmp_path, {"REDIS_URL": "redis+socket:///elsewhere/var/redis.sock"})

    assert surroundings.environment["REDIS_URL"] == f"redis+socket://{tmp_path}/var/redis.sock"
