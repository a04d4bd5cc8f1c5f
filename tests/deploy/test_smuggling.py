"""Requests whose end is told in two ways are refused by the web server itself (RFC 9112, 6.1)."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import ROOT

APPLICATION = """
def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"in"]
"""
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
# How it is told where a request ends, in ways that two servers could read differently.
SMUGGLED = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "no number": b"Content-Length: 4x\r\n\r\nabcd",
    "a sign": b"Content-Length: +4\r\n\r\nabcd",
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 4\r\n\r\nabcd",
    "a folded line": b"Content-Length:\r\n 4\r\n\r\nabcd",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the socket of a web server as the site has it, without the site."""
    folder = tmp_path_factory.mktemp("gunicorn")
    (folder / "tiny.py").write_text(APPLICATION)
    path = folder / "web.sock"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")),
            *("--bind", f"unix:{path}", "--workers", "1", "--no-control-socket", "tiny"),
        ],
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(400):
            if path.exists() and answer_to(path, b"Content-Length: 0\r\n\r\n"):
                break
            time.sleep(0.05)
        yield path
    finally:
        process.terminate()
        process.wait(20)


def answer_to(path: Path, rest: bytes) -> bytes:
    """Send a request and return the first line of each answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        try:
            connection.connect(str(path))
            connection.sendall(HEAD + rest)
            received = b""
            while part := connection.recv(4096):
                received += part
        except ConnectionError:
            return b""
    return b"\n".join(line for line in received.split(b"\r\n") if line.startswith(b"HTTP/"))


def test_an_honest_request_is_answered(server: Path) -> None:
    assert answer_to(server, b"Content-Length: 4\r\n\r\nabcd").split()[1:2] == [b"200"]
    assert answer_to(server, b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").count(b"200") == 1


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_a_request_whose_end_is_told_in_two_ways_is_refused(server: Path, rest: bytes) -> None:
    answers = answer_to(server, rest)
    assert answers.count(b"HTTP/1.1") <= 1
    assert b"200" not in answers
