"""Mails as they come in the world: what people, programs and servers send, and what goes wrong.

Written by us, after the shapes that mail servers and programs are known for.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping

OURS = "bizsecure.com"
REMAINING = {"Date": "Mon, 04 Jan 2027 10:00:00 -0500", "MIME-Version": "1.0"}


def a_mail(
    text: str = "Please help me with my invoice.\nThank you, Dave",
    *,
    sender: str = "Dave Doe <dave@example.com>",
    to: str = f"support@{OURS}",
    subject: str = "A question",
    message_id: str = "<one@mail.example.com>",
    **headers: str,
) -> bytes:
    """Return a plain mail. Headers are given with underscores: `Auto_Submitted`."""
    known = {"From": sender, "To": to, "Subject": subject, "Message-ID": message_id, **REMAINING}
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items() if value)
    return f"{head}\r\n{text}\r\n".encode("utf-8", "surrogatepass")


def multipart(kind: str, *parts: tuple[str, str], head: Mapping[str, str] | None = None) -> bytes:
    """Return a mail of several parts, each with the lines of its head and its body."""
    known = {**REMAINING, "Content-Type": f'{kind}; boundary="=_b1"', **(head or {})}
    top = "".join(f"{name}: {value}\n" for name, value in known.items())
    body = "".join(f"--=_b1\n{lines}\n\n{text}\n" for lines, text in parts)
    return f"{top}\nThis is a MIME message.\n{body}--=_b1--\n".encode("utf-8", "surrogatepass")


def a_report(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    recipient: str = "dave@example.com",
    words: str = "<dave@example.com>: host mx.example.com said: 550 5.1.1 User unknown",
) -> bytes:
    """Return a delivery report as Postfix writes it (RFC 3464)."""
    group = (
        "Reporting-MTA: dns; mail.example.com\nX-Postfix-Queue-ID: 4XyZ\n"
        "Arrival-Date: Mon,  4 Jan 2027 10:00:00 -0500 (EST)\n\n"
        f"Final-Recipient: rfc822; {recipient}\nOriginal-Recipient: rfc822;{recipient}\n"
        f"Action: {action}\nStatus: {status}\nRemote-MTA: dns; mx.example.com\n"
        f"Diagnostic-Code: smtp; 550 {status} User unknown"
    )
    return multipart(
        "multipart/report; report-type=delivery-status",
        ("Content-Type: text/plain; charset=us-ascii", f"This is the mail system.\n\n{words}"),
        ("Content-Type: message/delivery-status", group),
        ("Content-Type: text/rfc822-headers", "From: notices@bizsecure.com\nSubject: News"),
        head={
            "Return-Path": "<>",
            "From": "MAILER-DAEMON@mail.example.com (Mail Delivery System)",
            "To": to,
            "Subject": "Undelivered Mail Returned to Sender",
            "Auto-Submitted": "auto-replied",
            "Message-Id": "<20270104150000.4XyZ@mail.example.com>",
        },
    )


def exchange_bounce(to: str) -> bytes:
    """Return a report as Exchange writes it: HTML first, a status without details."""
    return multipart(
        "multipart/report; report-type=delivery-status",
        (
            "Content-Type: text/html; charset=utf-8",
            "<p>Delivery has failed to these recipients</p>",
        ),
        (
            "Content-Type: message/delivery-status",
            (
                "Reporting-MTA: dns;AM0PR01.outlook.example\n\n"
                "Final-Recipient: RFC822;dave@example.com\nAction: Failed\nStatus: 5.1.10\n"
                "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound"
            ),
        ),
        ("Content-Type: message/rfc822", "From: notices@bizsecure.com\nSubject: News\n\nHello"),
        head={
            "From": "Microsoft Outlook <postmaster@outlook.example>",
            "To": to,
            "Subject": "Undeliverable: News",
            "X-MS-Exchange-Message-Is-Ndr": "",
            "Auto-Submitted": "auto-replied",
            "Message-ID": "<ndr-1@outlook.example>",
        },
    )


def gmail_bounce(to: str) -> bytes:
    """Return a report as Gmail writes it: alternatives inside of related inside of the report."""
    return multipart(
        "multipart/report; report-type=delivery-status",
        (
            'Content-Type: multipart/related; boundary="=_b2"',
            (
                '--=_b2\nContent-Type: multipart/alternative; boundary="=_b3"\n\n'
                "--=_b3\nContent-Type: text/plain; charset=UTF-8\n\n** Address not found **\n"
                "--=_b3\nContent-Type: text/html; charset=UTF-8\n\n<h1>Address not found</h1>\n"
                "--=_b3--\n--=_b2--"
            ),
        ),
        (
            "Content-Type: message/delivery-status",
            (
                "Reporting-MTA: dns; googlemail.example\n\n"
                "Final-Recipient: rfc822; dave@example.com\nAction: failed\nStatus: 5.1.1\n"
                "Diagnostic-Code: smtp; 550-5.1.1 The account that you tried to reach does not\n"
                " exist.\nLast-Attempt-Date: Mon, 04 Jan 2027 07:00:00 -0800 (PST)"
            ),
        ),
        head={
            "From": "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
            "To": to,
            "Auto-Submitted": "auto-replied",
            "Subject": "Delivery Status Notification (Failure)",
            "X-Failed-Recipients": "dave@example.com",
            "Message-ID": "<5ff3.1c69fb81@mx.google.example>",
        },
    )


def qmail_bounce(to: str) -> bytes:
    """Return a bounce as qmail writes it: words alone."""
    return a_mail(
        "Hi. This is the qmail-send program at mail.example.com.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<dave@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <x@bizsecure.com>",
        sender="MAILER-DAEMON@mail.example.com",
        to=to,
        subject="failure notice",
        message_id="",
    )


def exim_bounce(to: str) -> bytes:
    """Return a bounce as Exim wrote it for decades."""
    return a_mail(
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n"
        "  dave@example.com\n    Unrouteable address",
        sender="Mail Delivery System <Mailer-Daemon@mx.example.com>",
        to=to,
        subject="Mail delivery failed: returning message to sender",
        X_Failed_Recipients="dave@example.com",
        Auto_Submitted="auto-replied",
        message_id="<E1kvN-0001@mx.example.com>",
    )


def a_complaint(original: str, *, kind: str = "abuse", to: str = f"complaints@{OURS}") -> bytes:
    """Return a feedback report (RFC 5965) about a mail with these headers."""
    return multipart(
        "multipart/report; report-type=feedback-report",
        ("Content-Type: text/plain", "This is an email abuse report."),
        (
            "Content-Type: message/feedback-report",
            (
                f"Feedback-Type: {kind}\nUser-Agent: SomeFBL/1.0\nVersion: 1\n"
                "Arrival-Date: Mon, 04 Jan 2027 10:00:00 -0500"
            ),
        ),
        ("Content-Type: message/rfc822\nContent-Disposition: inline", original),
        head={
            "From": "<feedback@provider.example>",
            "To": to,
            "Subject": "FW: News",
            "Message-ID": "<arf-1@provider.example>",
        },
    )


def nested(depth: int) -> bytes:
    """Return a mail with parts inside of parts, so many deep, and a word in the innermost."""
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'
        for level in range(depth)
    )
    return (
        f"From: dave@example.com\nTo: optout@{OURS}\nSubject: deep\n{head}"
        "Content-Type: text/plain\n\nunsubscribe\n"
    ).encode()


def zip_bomb() -> bytes:
    """Return a mail with an archive that would be a thousand times larger once opened."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros.txt", b"\0" * 5_000_000)
    content = base64.encodebytes(archive.getvalue()).decode()
    return multipart(
        "multipart/mixed",
        ("Content-Type: text/plain", "See the attached archive."),
        (
            (
                "Content-Type: application/zip\nContent-Transfer-Encoding: base64\n"
                'Content-Disposition: attachment; filename="../../etc/invoice.zip"'
            ),
            content,
        ),
        head={
            "From": "dave@example.com",
            "To": f"support@{OURS}",
            "Message-ID": "<zip@example.com>",
        },
    )


def outlook_with_winmail() -> bytes:
    """Return a mail whose words are in a format of Outlook's own."""
    return multipart(
        "multipart/mixed",
        ("Content-Type: text/plain; charset=us-ascii", "My question is in the file."),
        (
            (
                'Content-Type: application/ms-tnef; name="winmail.dat"\n'
                "Content-Transfer-Encoding: base64"
            ),
            base64.encodebytes(b"\x78\x9f\x3e\x22" + bytes(range(256))).decode(),
        ),
        head={
            "From": "dave@example.com",
            "To": f"support@{OURS}",
            "Message-ID": "<tnef@example.com>",
        },
    )


VACATIONS = {
    "english": {"subject": "Out of office: News about our products"},
    "exchange": {"subject": "Automatic reply: News", "X_Auto_Response_Suppress": "All"},
    "german": {"subject": "=?utf-8?q?Abwesenheitsnotiz=3A_Neues?="},
    "french": {"subject": "=?iso-8859-1?q?R=E9ponse_automatique_=3A_Nouvelles?="},
    "spanish": {"subject": "Respuesta automática: Noticias"},
    "italian": {"subject": "Risposta automatica: Novità"},
    "dutch": {"subject": "Automatisch antwoord: Nieuws"},
    "swedish": {"subject": "Autosvar: Nyheter"},
    "polish": {"subject": "Automatyczna odpowiedź: Nowości"},
    "russian": {"subject": "Автоматический ответ: Новости"},
    "japanese": {"subject": "自動応答: お知らせ"},
    "chinese": {"subject": "自动回复: 新闻"},
    "korean": {"subject": "자동 응답: 소식"},
    "rfc 3834": {"subject": "Re: News", "Auto_Submitted": "auto-replied (vacation)"},
    "procmail": {"subject": "Re: News", "Precedence": "junk"},
    "old program": {"subject": "Re: News", "X_Autoreply": "yes"},
    "list": {"subject": "Re: News", "List_Id": "<friends.example.com>"},
    "null sender": {"subject": "Re: News", "Return_Path": "<>"},
    "ourselves": {"subject": "Re: News", "sender": f"BizSecure news <news@{OURS}>"},
    "daemon": {"subject": "Re: News", "sender": "MAILER-DAEMON@example.com"},
}

STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\0",
    "blank lines": b"\r\n\r\n\r\n",
    "no headers": b"hello, I am a mail without a head",
    "no body": b"From: dave@example.com\nSubject: empty",
    "no from": a_mail(sender=""),
    "ten froms": a_mail().replace(
        b"Subject", b"".join(b"From: p%d@example.com\r\n" % each for each in range(9)) + b"Subject"
    ),
    "ten mailboxes": a_mail(
        sender=", ".join(f"P{each} <p{each}@example.com>" for each in range(10))
    ),
    "no address in from": a_mail(sender="undisclosed"),
    "quoted from": a_mail(sender='"Doe, \\"Dave\\" <x@y>" <dave@example.com>'),
    "unclosed from": a_mail(sender='"Dave <dave@example.com'),
    "comment bomb": a_mail(sender="(" * 5000 + "dave@example.com" + ")" * 4999),
    "long address": a_mail(sender=f"{'d' * 300}@example.com"),
    "idn": a_mail(sender="dave@bücher.example"),
    "unicode local part": a_mail(sender="δave@example.com"),
    "header injection": a_mail(
        subject="=?utf-8?q?Hi=0D=0ABcc=3A_victim=40example.com?=",
        sender="=?utf-8?q?Dave=0A=0D=00Bcc=3A_x=40y?= <dave@example.com>",
    ),
    "injection in message-id": a_mail(message_id="<a@b>\r\n Bcc: x@y"),
    "8-bit headers": b"From: J\xf6rg <dave@example.com>\nTo: support@bizsecure.com\n"
    b"Subject: Gr\xfc\xdfe \xff\xfe\n\nGr\xfc\xdfe",
    "encoded-word bomb": a_mail(subject="=?utf-8?b?" + "QUFB" * 50_000 + "?="),
    "broken encoded word": a_mail(subject="=?utf-8?b?///?= =?nope?q?=ZZ?= =?utf-8?x?a?="),
    "holes of our own": a_mail("[[link]] [[code]] {{ settings.SECRET_KEY }}", subject="[[name]]"),
    "wrong charset": a_mail(Content_Type="text/plain; charset=utf-16"),
    "no such charset": a_mail(Content_Type="text/plain; charset=klingon"),
    "codec that is no charset": a_mail(Content_Type="text/plain; charset=rot13"),
    "slow charset": a_mail("a-" * 20_000, Content_Type="text/plain; charset=punycode"),
    "NUL in charset": a_mail(Content_Type='text/plain; charset="utf\0-8"'),
    "broken base64": a_mail("%%%%=a=b=", Content_Transfer_Encoding="base64"),
    "broken quoted-printable": a_mail(
        "=ZZ=\n=\n==3D=", Content_Transfer_Encoding="quoted-printable"
    ),
    "only HTML": a_mail("<p>Please <b>unsubscribe</b> me</p>", Content_Type="text/html"),
    "HTML bomb": a_mail("<a " * 60_000, Content_Type="text/html"),
    "multipart without boundary": a_mail(Content_Type="multipart/mixed"),
    "multipart without parts": a_mail(Content_Type='multipart/mixed; boundary="nowhere"'),
    "multipart that never ends": a_mail("--x\n\nhello", Content_Type="multipart/mixed; boundary=x"),
    "thousands of parts": a_mail("--x\n\n" * 20_000, Content_Type="multipart/mixed; boundary=x"),
    "thousands of headers": b"".join(b"X-%d: y\n" % each for each in range(6_000)) + a_mail(),
    "a header without end": b"Subject: " + b"x" * 300_000 + b"\n\nhello",
    "folded header without end": b"Subject: x\n" + b" y\n" * 50_000 + b"\nhello",
    "nested a hundred deep": nested(100),
    "nested two thousand deep": nested(2_000),
    "zip bomb": zip_bomb(),
    "winmail.dat": outlook_with_winmail(),
    "mac line ends": a_mail().replace(b"\r\n", b"\r"),
    "from a folder of mails": b"From dave@example.com Mon Jan  4 10:00:00 2027\n" + a_mail(),
    "control characters": a_mail("\x00\x07\x1b[31m\u202e\u200b\ud800", subject="\x07\u202ebell"),
    "a million letters": a_mail("x" * 1_000_000),
    "quotes our link": a_mail(
        "Great, thank you!\n\n> Stop: https://www.bizsecure.com/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAA/\n"
        "> unsubscribe AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        subject="Re: News about our products",
    ),
    "bounce of nothing": a_report(f"bounce+{'A' * 43}@{OURS}"),
    "bounce without token": a_report(f"bounce@{OURS}"),
    "bounce to support": a_report(f"support@{OURS}"),
    "empty report": multipart("multipart/report; report-type=delivery-status", ("", "")),
    "exchange": exchange_bounce(f"bounce+{'B' * 43}@{OURS}"),
    "gmail": gmail_bounce(f"bounce+{'C' * 43}@{OURS}"),
    "qmail": qmail_bounce(f"bounce+{'D' * 43}@{OURS}"),
    "exim": exim_bounce(f"bounce+{'E' * 43}@{OURS}"),
    "complaint of nothing": a_complaint("From: x@y\nSubject: z"),
    "complaint without report": a_complaint("", kind=""),
    "read receipt": multipart(
        "multipart/report; report-type=disposition-notification",
        ("Content-Type: text/plain", "Your message was read."),
        ("Content-Type: message/disposition-notification", "Disposition: manual-action/displayed"),
        head={"From": "dave@example.com", "To": f"support@{OURS}"},
    ),
    "to nobody of ours": a_mail(to="somebody@elsewhere.example"),
    "to everybody": a_mail(to=f"optout@{OURS}, support@{OURS}, bounce@{OURS}, complaints@{OURS}"),
}
