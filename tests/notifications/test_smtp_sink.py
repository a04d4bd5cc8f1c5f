"""The sink can be trusted by tests that run it as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notifications.transport import Outcome, Server
from notifications.transport.connection import Connection
from tests.notifications.smtp_sink import Sink
from tests.notifications.wire import outcomes, recipients, send_all, server_at


@pytest.mark.parametrize("pipelining", [True, False])
def test_the_sink_offers_pipelining_as_told(pipelining: bool) -> None:
    with Sink(pipelining=pipelining) as sink:
        connection = Connection(server_at(sink.port))
        connection.quit()

    assert connection.offers_pipelining is pipelining


def test_the_sink_runs_as_a_process_and_writes_down_what_it_accepts(tmp_path: Path) -> None:
    record = tmp_path / "accepted.jsonl"
    command = [sys.executable, "-m", "tests.notifications.smtp_sink"]
    with subprocess.Popen(
        [*command, "--port", "0", "--record", str(record)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        server = Server.from_url(process.stdout.readline().split()[-1])
        try:
            results = send_all(server, recipients(3))
            lines = record.read_text().splitlines()
        finally:
            process.terminate()

    assert outcomes(results) == [Outcome.ACCEPTED] * 3
    assert [json.loads(line)["message_id"] for line in lines] == [
        f"<7.customer{number}@example.com>" for number in range(3)
    ]
