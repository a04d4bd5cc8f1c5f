"""Bytes filled into a skeleton read back as exactly what was meant, whatever people are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.skeleton import LONGEST_VALUE, Skeleton
from notifications.transport.address import wire_address
from notifications.transport.envelope import prepared

SUBJECT = "Dear [[name]], our policy, your [[name]] – für dich"  # noqa: RUF001
TEXT = "Hello [[name]],\n\n.[[name]] \n. \n[[link]]\nüber [[name]][[link]] [[link]].\n"
HTML = (
    '<p title="[[name]]">Hello [[name]],</p>\n.<a href="[[link]]">Ändern</a>\n' + "x" * 2000 + "\n"
)
HEADERS = {
    "List-Unsubscribe": "<https://www.example.com/u/[[token]]/>, <mailto:o@x.example?s=[[token]]>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
SENT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
LINK = "https://www.example.com/choose/abc/?a=1&b=2"

any_value = st.text(
    st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=LONGEST_VALUE
)
tricky_value = st.sampled_from(
    [
        "",
        " ",
        ".",
        "..",
        "\t",
        "From me",
        "[[link]]",
        "[[text:link]]",
        "=?utf-8?q?Bob?=",
        "=3D=\u2028",
        "--=_0123456789abcdef",
        "<script>alert('&amp;')</script>",
        "مريم \u202eabc",
        "👩‍👩‍👧" * 60,
        "&" * LONGEST_VALUE,
        "\U0010ffff" * LONGEST_VALUE,
        "Alice ",
    ]
)


def build(**changes: Any) -> Skeleton:
    parts: dict[str, Any] = {
        "subject": SUBJECT,
        "text": TEXT,
        "html": HTML,
        "sender": "BizSecure Tëam <notices@example.com>",
        "reply_to": "support@example.com",
        "headers": HEADERS,
        "fields": {"name", "link", "token"},
    }
    return Skeleton.build(**(parts | changes))


def render(skeleton: Skeleton, to: str = "alice@example.com", **values: str) -> bytes:
    return skeleton.render(
        to=to,
        message_id="<7.1234@example.com>",
        date=SENT,
        values={"name": "Alice", "link": LINK, "token": "abc-123", **values},
    )


def parsed(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\[\[(\w+)\]\]", lambda found: values[found[1]], template)


SKELETON = build()


@given(name=any_value | tricky_value, link=any_value | tricky_value | st.just(LINK))
def test_any_name_and_link_read_back_exactly(name: str, link: str) -> None:
    values = {"name": name, "link": link}

    message = parsed(render(SKELETON, **values))

    assert not message.defects
    assert message["To"] == "alice@example.com"
    assert body(message, "plain") == filled(TEXT, values)
    assert body(message, "html") == filled(HTML, {key: escape(it) for key, it in values.items()})
    assert len(list(message.walk())) == 3


@given(name=any_value | tricky_value, link=any_value | tricky_value)
def test_what_is_made_for_the_wire_is_what_the_wire_would_make_of_it(name: str, link: str) -> None:
    values = {"name": name, "link": link, "token": "abc-123"}
    made: dict[str, Any] = {"to": "a@example.com", "message_id": "<7@example.com>", "date": SENT}

    ready = SKELETON.prepare(**made, values=values)
    assert bytes(ready) == bytes(prepared(SKELETON.render(**made, values=values)))


@pytest.mark.parametrize("subject", [SUBJECT, "[[name]]", "Dear [[name]]", "[[name]], hello"])
@given(name=any_value | tricky_value)
def test_any_name_reads_back_in_the_subject(subject: str, name: str) -> None:
    message = render(build(subject=subject), name=name)

    assert parsed(message)["Subject"] == filled(subject, {"name": name})


@given(name=any_value | tricky_value, link=any_value | tricky_value)
def test_the_wire_sees_only_short_ascii_lines_with_crlf(name: str, link: str) -> None:
    message = render(SKELETON, name=name, link=link)

    assert message.isascii()
    assert message.endswith(b"\r\n")
    lines = message.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998
    _, _, bodies = message.partition(b"\r\n\r\n")
    assert max(map(len, bodies.split(b"\r\n"))) <= 76


def test_everything_else_in_the_message_is_as_written() -> None:
    message = parsed(render(SKELETON))

    assert message["From"] == "BizSecure Tëam <notices@example.com>"
    assert message["Reply-To"] == "support@example.com"
    assert message["Message-ID"] == "<7.1234@example.com>"
    assert message["Date"].datetime == SENT
    assert message["MIME-Version"] == "1.0"
    assert message["List-Unsubscribe"] == filled(HEADERS["List-Unsubscribe"], {"token": "abc-123"})
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_texts_and_values_always_give_the_same_bytes() -> None:
    assert render(build()) == render(build())


def test_a_plain_subject_stays_readable_on_the_wire() -> None:
    message = render(build(subject="Dear [[name]], our policy changes"))

    assert b"\r\nSubject: Dear Alice, our policy changes\r\n" in message


@pytest.mark.parametrize(
    "subject", ["", " Spaces ", "=?utf-8?q?no?=", "Ä" * 400, "word " * 300, "[[name]]", "[[name]]!"]
)
def test_any_authored_subject_reads_back(subject: str) -> None:
    assert parsed(render(build(subject=subject)))["Subject"] == filled(subject, {"name": "Alice"})


def test_without_reply_to_there_is_no_such_header() -> None:
    assert "Reply-To" not in parsed(render(build(reply_to=None)))


@pytest.mark.parametrize("forbidden", ["\r", "\n", "\0", "\ud800", "x" * LONGEST_VALUE])
@pytest.mark.parametrize("field", ["name", "link", "token"])
def test_a_value_that_could_break_the_message_is_refused_unseen(field: str, forbidden: str) -> None:
    with pytest.raises(ValueError, match=field) as refusal:
        render(SKELETON, **{field: f"secret{forbidden}"})

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("token", ["a b", "a>", "ä", "a,b", '"'])
def test_a_header_takes_only_what_a_url_may_hold(token: str) -> None:
    with pytest.raises(ValueError, match="header"):
        render(SKELETON, token=token)


@pytest.mark.parametrize("missing_or_unknown", [{"name": "Alice"}, {"more": "than asked"}])
def test_rendering_asks_for_exactly_the_fields(missing_or_unknown: dict[str, str]) -> None:
    values = {"name": "Alice", "link": LINK, "token": "abc"} | missing_or_unknown
    if "more" not in values:
        del values["name"]

    with pytest.raises(ValueError, match="Every field"):
        SKELETON.render(to="a@example.com", message_id="<1@example.com>", date=SENT, values=values)


@pytest.mark.parametrize(
    "message_id", ["1@example.com", "<1>", "<1@example.com>\r\nBcc: x", "<ä@b>"]
)
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    values = {"name": "Alice", "link": LINK, "token": "abc"}

    with pytest.raises(ValueError, match="Message-ID"):
        SKELETON.render(to="a@example.com", message_id=message_id, date=SENT, values=values)


def test_a_date_without_zone_is_refused() -> None:
    values = {"name": "Alice", "link": LINK, "token": "abc"}

    with pytest.raises(ValueError, match="UTC"):
        SKELETON.render(
            to="a@example.com",
            message_id="<1@example.com>",
            date=SENT.replace(tzinfo=None),
            values=values,
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Hello [[nmae]] [[link]]"},
        {"text": "Hello [[ name ]] [[link]]"},
        {"text": "Hello [[text:name]] [[link]]"},
        {"text": "Hello [[name"},
        {"text": "Hello [[name\n]]"},
        {"html": "Hello\rthere"},
        {"html": "Hello\0there"},
        {"subject": "two\nlines"},
        {"sender": "x <a@example.com>\r\nBcc: b@example.com"},
        {"reply_to": "a@example.com\nBcc: b@example.com"},
        {"headers": {}},
        {"headers": HEADERS | {"X-Broken": "a\r\nBcc: b@example.com"}},
        {"headers": HEADERS | {"X-Broken": "ends with a comma, "}},
        {"headers": HEADERS | {"X-Broken: a\r\nBcc": "b@example.com"}},
        {"headers": HEADERS | {"to": "b@example.com"}},
        {"headers": HEADERS | {"X-Unicode": "ä"}},
        {"headers": HEADERS | {"X-Long": "x" * 999}},
        {"headers": HEADERS | {"X-Long": "[[token]]" * 4}},
        {"fields": {"name", "link", "token", "unused"}},
        {"fields": {"name", "link", "token", "Odd-name"}},
    ],
)
def test_a_skeleton_with_a_mistake_is_not_built(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        build(**changes)


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com",
        "a.b+c'd=e@mail.example.com",
        '"odd, but [legal]"@example.com',
        "alice@[127.0.0.1]",
        "alice@müller.example",
        "zoë@müller.example",
        "用户@example.com",
    ],
)
def test_an_address_reads_back_from_the_header(address: str) -> None:
    message = render(SKELETON, to=address)

    assert parsed(message)["To"] == wire_address(address)
    assert len(parsed(message)["To"].addresses) == 1
    assert message.isascii() is wire_address(address).isascii()


@pytest.mark.parametrize("address", ["", "alice", "a@x.example, b@x.example", "a@b\r\nBcc: c@d"])
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="that mail can be sent to"):
        render(SKELETON, to=address)
