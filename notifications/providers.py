"""Mail providers that may call us, and a call of one, which may be as large as a mail.

django-anymail knows how each of them signs and writes. Which ones call is said by the settings
MAILGUN_SIGNING_KEY and MAIL_PROVIDERS; an address of any other is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

MAILGUN = "mailgun"
# What a call may hold: the largest mail that providers take (25 MB), in Base64.
MOST_OCTETS = 25_000_000
MOST_PARTS = 1_000


class TooLarge(Exception):
    """A call that is larger than any mail we want to hear of."""


@dataclass(frozen=True)
class Provider:
    """How a provider's calls are read: a module of anymail.webhooks, and two views in it.

    The views are never called as views: they check who calls, and read what was written.
    """

    module: str
    inbound: str
    tracking: str

    def reader(self, *, of_mail: bool) -> Any:
        """Return what reads calls with mail, or calls about ours."""
        module = import_module(f"anymail.webhooks.{self.module}")
        return getattr(module, self.inbound if of_mail else self.tracking)()


def _usual(module: str, name: str) -> Provider:
    return Provider(module, f"{name}InboundWebhookView", f"{name}TrackingWebhookView")


# Not among them are those whose readers open connections of their own, such as Amazon SES, Brevo.
PROVIDERS: Mapping[str, Provider] = {
    MAILGUN: _usual("mailgun", "Mailgun"),
    "mailjet": _usual("mailjet", "Mailjet"),
    "mandrill": Provider("mandrill", "MandrillCombinedWebhookView", "MandrillCombinedWebhookView"),
    "postmark": _usual("postmark", "Postmark"),
    "sendgrid": _usual("sendgrid", "SendGrid"),
    "sparkpost": _usual("sparkpost", "SparkPost"),
}


def provider_called(slug: str) -> Provider | None:
    """Return the provider whose calls come to this address, if it is one that may call."""
    if slug == MAILGUN:
        return PROVIDERS[slug] if settings.MAILGUN_SIGNING_KEY else None
    return PROVIDERS.get(slug) if slug in settings.MAIL_PROVIDERS else None


class Call(HttpRequest):
    """A request of a provider, read without the bound that forms of people have.

    Its fields and its body are read like those of any request. `octets` has each field as it
    came: a mail need not be UTF-8.
    """

    def __init__(self, request: HttpRequest) -> None:
        """Read the call. Raises TooLarge."""
        super().__init__()
        self.META, self.method = request.META, request.method
        self.path, self.path_info = request.path, request.path_info
        self.content_type, self.content_params = request.content_type, request.content_params
        self.octets: dict[str, bytes] = {}
        self._content = _read(request)
        if self.content_type == "multipart/form-data":
            self._take_parts(self.content_params or {})
        elif self.content_type == "application/x-www-form-urlencoded":
            self.POST = QueryDict(self._content)
            self.octets = {
                name: value.encode("latin-1")
                for name, value in QueryDict(self._content, encoding="latin-1").items()
                if isinstance(value, str)
            }

    @property
    def body(self) -> bytes:
        return self._content

    def _take_parts(self, parameters: Mapping[str, str]) -> None:
        fields, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
        for disposition, kind, content in _parts(self._content, parameters.get("boundary", "")):
            name = disposition.get("name", "")
            if "filename" in disposition:
                file = SimpleUploadedFile(disposition["filename"] or "file", content, kind)
                files.appendlist(name, file)
            else:
                fields.appendlist(name, content.decode("utf-8", "replace"))
                self.octets[name] = content
        self.POST, self.FILES = fields, files  # type: ignore[assignment]  # read as any other


def _read(request: HttpRequest) -> bytes:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_OCTETS:
        raise TooLarge
    content: bytes = request.read(MOST_OCTETS + 1)
    if len(content) > MOST_OCTETS:
        raise TooLarge
    return content


def _parts(content: bytes, boundary: str) -> Iterator[tuple[dict[str, str], str, bytes]]:
    """Yield the parts of a form (RFC 7578): what each is called, its type, and what it holds."""
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + content).split(delimiter, MOST_PARTS)
    for piece in pieces[1:] if boundary else []:
        head, _, held = piece.partition(b"\r\n\r\n")
        lines = [line.partition(":") for line in head.decode("utf-8", "replace").splitlines()]
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        form, disposition = parse_header_parameters(headers.get("content-disposition", ""))
        if form == "form-data":
            yield disposition, headers.get("content-type", "application/octet-stream"), held
