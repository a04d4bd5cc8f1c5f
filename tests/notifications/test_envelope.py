"""What goes on the wire is one sender, one recipient and one message, whatever is in them."""

from __future__ import annotations

import pytest

from notifications.transport import Delivery, Envelope, Outcome
from notifications.transport.address import needs_smtputf8, wire_address
from tests.notifications.smtp_sink import Sink
from tests.notifications.wire import SENDER, message_for, outcomes, send_all, server_at


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("alice@example.com", "alice@example.com"),
        ("a.b+c'd=e@mail.example.com", "a.b+c'd=e@mail.example.com"),
        ('"odd, but [legal]"@example.com', '"odd, but [legal]"@example.com'),
        ("alice@[127.0.0.1]", "alice@[127.0.0.1]"),
        ("alice@MÜLLER.example", "alice@xn--mller-kva.example"),
        ("zoë@müller.example", "zoë@xn--mller-kva.example"),
        ("用户@example.com", "用户@example.com"),
    ],
)
def test_an_address_has_one_form_on_the_wire(address: str, on_the_wire: str) -> None:
    assert wire_address(address) == on_the_wire
    assert wire_address(on_the_wire) == on_the_wire
    assert needs_smtputf8(address) is not on_the_wire.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alice",
        "@example.com",
        "alice@",
        "alice@example.com\r\nBcc: mallory@example.com",
        "alice@example.com\n",
        "alice@example.com>",
        "alice@example.com, mallory@example.com",
        "a,mallory@example.com",
        "a b@example.com",
        "(alice)@example.com",
        "alice..b@example.com",
        "zo\u2028@example.com",
        "zo\x85@example.com",
        "zo\ud800@example.com",
        "alice@exa mple.com",
        "alice@stra\u00dfe.example",
        "alice@" + "ä" * 100 + ".example",
        "alice@ä..example",
        "a" * 243 + "@example.com",
    ],
)
def test_what_is_not_exactly_one_address_is_refused_unseen(address: str) -> None:
    with pytest.raises(ValueError, match="that mail can be sent to") as refusal:
        wire_address(address)

    assert "alice" not in str(refusal.value)


@pytest.mark.parametrize("pipelining", [True, False])
def test_an_address_in_utf8_is_sent_where_that_is_offered(pipelining: bool) -> None:
    with Sink(pipelining=pipelining) as sink:
        results = send_all(server_at(sink.port), ["zoë@müller.example", "alice@example.com"])

    assert outcomes(results) == [Outcome.ACCEPTED] * 2
    assert sink.accepted[0].recipients == ("zoë@xn--mller-kva.example",)
    assert "To: zoë@".encode() in sink.accepted[0].message


@pytest.mark.parametrize("pipelining", [True, False])
def test_an_address_in_utf8_is_refused_where_that_is_not_offered(pipelining: bool) -> None:
    with Sink(pipelining=pipelining, enable_SMTPUTF8=False) as sink:
        results = send_all(
            server_at(sink.port), ["a@example.com", "zoë@example.com", "b@müller.example"]
        )

    assert results[1] == (1, Delivery(Outcome.REFUSED, None, "5.6.7"))
    assert [kept.recipients for kept in sink.accepted] == [
        ("a@example.com",),
        ("b@xn--mller-kva.example",),
    ]


@pytest.mark.parametrize(
    "message",
    [
        b"To: a\r\n\r\nbare\nline feed\r\n",
        b"To: a\r\n\r\nbare\rreturn\r\n",
        b"To: a\r\n\r\n\n.\n\r\n",
        b"To: a\r\n\r\nno end",
        b"To: a\r\n\r\n\r\r\n\n",
    ],
)
def test_a_message_whose_lines_servers_could_read_differently_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="CRLF"):
        Envelope(1, SENDER, "alice@example.com", message)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (SENDER, "alice@example.com>\r\nRCPT TO:<mallory@example.com"),
        (SENDER, ""),
        ("a@example.com> SIZE=1", "alice@example.com"),
    ],
)
def test_an_address_that_could_add_to_a_command_is_refused(sender: str, recipient: str) -> None:
    with pytest.raises(ValueError, match="that mail can be sent to"):
        Envelope(1, sender, recipient, message_for("alice"))


def test_a_message_may_have_no_sender_to_return_to() -> None:
    assert Envelope(1, "", "alice@example.com", message_for("alice")).sender == ""
