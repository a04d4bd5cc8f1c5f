from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest

from bizsecure.local.mailbox import Envelope, Mailbox
from bizsecure.local.mailcatcher import smtp_server
from bizsecure.local.mailpage import serve
from bizsecure.local.services import free_port

ENVELOPE = Envelope("mallory@example.com", ["alice@example.com"])


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


@pytest.fixture
def page_port(mailbox: Mailbox) -> Iterator[int]:
    with serve(mailbox, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def smtp_port(mailbox: Mailbox) -> Iterator[int]:
    server = smtp_server(mailbox, free_port())
    server.start()
    yield server.port
    server.stop()


def get(port: int, path: str, host: str = "localhost") -> tuple[HTTPResponse, str]:
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        response = connection.getresponse()
        return response, response.read().decode()


def test_mail_handed_over_by_smtp_is_caught(mailbox: Mailbox, smtp_port: int) -> None:
    mail = EmailMessage()
    mail["Subject"] = "The policy will change"
    mail.set_content("In plain words.")

    with smtplib.SMTP("127.0.0.1", smtp_port) as client:
        client.send_message(mail, "accounts@bizsecure.com", ["alice@example.com"])

    (head,) = mailbox.newest_first()
    assert head.subject == "The policy will change"
    assert head.envelope == Envelope("accounts@bizsecure.com", ["alice@example.com"])


@pytest.mark.parametrize("extension", ["8bitmime", "smtputf8", "pipelining"])
def test_the_server_names_what_it_can_do(smtp_port: int, extension: str) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_port) as client:
        client.ehlo()
        assert client.has_extn(extension)


def test_the_list_shows_the_newest_first_with_every_word_escaped(
    mailbox: Mailbox, page_port: int
) -> None:
    mailbox.put(ENVELOPE, b"Subject: first\r\n\r\n")
    mailbox.put(ENVELOPE, b"Subject: <script>second</script>\r\n\r\n")

    response, html = get(page_port, "/")

    assert response.status == 200
    assert html.index("&lt;script&gt;second") < html.index(">first<")
    assert "<script" not in html


def test_an_empty_list_says_so(page_port: int) -> None:
    assert "No mail has been sent yet." in get(page_port, "/")[1]


def test_links_of_the_text_open_a_new_tab(mailbox: Mailbox, page_port: int) -> None:
    name = mailbox.put(ENVELOPE, b"\r\nGo to http://localhost:8000/?a=1&b=2. <b>")

    html = get(page_port, f"/mail/{name}/")[1]

    link = "http://localhost:8000/?a=1&amp;b=2"
    assert (
        f'<a href="{link}" target="_blank" rel="noopener noreferrer">{link}</a>. &lt;b&gt;' in html
    )


def test_the_html_of_a_mail_is_shut_in(mailbox: Mailbox, page_port: int) -> None:
    name = mailbox.put(
        ENVELOPE, b"Content-Type: text/html\r\n\r\n<html><head></head><a href=x>x</a></html>"
    )

    frame = get(page_port, f"/mail/{name}/")[1]
    response, html = get(page_port, f"/mail/{name}/html")

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert '<head><base target="_blank"></head>' in html


@pytest.mark.parametrize("path", ["/x", "/mail/1/", "/mail/../../etc/passwd", "/mail/1/html"])
def test_what_is_not_there_is_not_found(page_port: int, path: str) -> None:
    assert get(page_port, path)[0].status == 404


def test_a_page_elsewhere_cannot_read_along_under_its_own_name(page_port: int) -> None:
    assert get(page_port, "/", host="evil.example")[0].status == 421
