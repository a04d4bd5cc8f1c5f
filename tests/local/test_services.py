from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from bizsecure.local.services import (
    PrivatePostgres,
    PrivateRedis,
    Unavailable,
    free_port,
    in_use,
    redis_command,
)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_preferred_and_a_taken_one_avoided(listener: int) -> None:
    assert in_use(listener)
    assert free_port(listener) != listener
    free = free_port()
    assert free_port(free) == free


def test_redis_comes_back_empty_under_the_same_address(redis_server: PrivateRedis) -> None:
    client = redis.Redis(unix_socket_path=str(redis_server.socket))
    client.set("duty", "1")

    redis_server.stop(signal.SIGKILL)
    redis_server.start()

    assert client.get("duty") is None
    client.close()


def test_redis_refuses_a_folder_whose_name_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="too long"):
        redis_command(tmp_path / ("x" * 108) / "redis.sock")


def test_postgres_starts_answers_and_leaves_nothing_behind() -> None:
    with PrivatePostgres() as server:
        with psycopg.connect(host=str(server.folder), user="postgres") as connection:
            row = connection.execute("SELECT 1").fetchone()
        assert row == (1,)

    assert not server.folder.exists()
