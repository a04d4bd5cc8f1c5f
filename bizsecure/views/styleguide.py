"""Every part that pages are made of, on one page: for those who build them and for our staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mrml
from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from accounts.account_log import ICONS as OF_THE_LOG
from accounts.staff_door import may_enter
from bizsecure.specimens import charts, components
from consent.who_has_it import ICONS as OF_RECIPIENTS
from notifications.frame import NO_REMOTE_FONTS
from notifications.letters import paragraphs

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = TEMPLATES / "components"
TOKENS = Path(settings.BASE_DIR) / "bizsecure/static/bizsecure/css/tokens.css"
TOKEN = re.compile(r"^ {4}--(?P<name>[\w-]+):", re.MULTILINE)
COMMENT = re.compile(r"{% comment %}(.*?){% endcomment %}", re.DOTALL)
ICON = re.compile(r'heroicon_\w+ "([\w-]+)"|icon="([\w-]+)"')
# What refers to another part of the same page, or must be said once on it.
REFERENCE = re.compile(r'\b(id|for|name|aria-labelledby|aria-describedby)="([^"]+)"')
LANDMARK = re.compile(r'(<(?:nav|section)[^>]* aria-label=")([^"]+)"')
SCHEMES, DIRECTIONS = ("light", "dark"), ("ltr", "rtl")
LETTER = """Every kind of paragraph that a mail may have stands here.

https://portal.example/account/

A code to type in stands alone:

[[code]]

- A list has one thing a line.
- Each of them as long as it needs to be, even if that takes more than one line of the mail."""
# Those that single pages link beside the common ones.
SHEETS = [f"bizsecure/css/{name}.css" for name in ("flow", "front", "shop", "styleguide")]
NOTHING_RUNS = {"default-src": [NONE], "style-src": [UNSAFE_INLINE]}


@dataclass(frozen=True)
class Shown:
    """A specimen as HTML, ready to stand beside others."""

    state: str
    html: str


@dataclass(frozen=True)
class Part:
    """A component: what its template says of itself, and how it looks in each state."""

    name: str
    about: str
    shown: list[Shown]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, all tokens, icons, forms, tables and charts."""
    _let_in(request)
    scheme, direction = request.GET.get("scheme"), request.GET.get("direction")
    context = {
        "page": "styleguide",
        "scheme": scheme if scheme in SCHEMES else "",
        "direction": direction if direction in DIRECTIONS else "ltr",
        "is_forced": "forced" in request.GET,
        "parts": list(_parts(request)),
        "icons": icons(),
        "sheets": SHEETS,
        **charts(),
        **tokens(),
    }
    return render(request, "styleguide/page.html", context)


@require_safe
@csp_replace(NOTHING_RUNS)
def mail(request: HttpRequest) -> HttpResponse:
    """The parts of a mail, as a mail program shows them."""
    _let_in(request)
    words = {
        "subject": "The parts of a mail",
        "greeting": "Hello Dana Whitlock,",
        "paragraphs": list(paragraphs(LETTER)),
        "action": "Open my account",
        "why": "You get this because it is an example.",
        "contact": f"support@{settings.MAIL_DOMAIN}",
    }
    mjml = render_to_string("mail/letter.mjml", words)
    return HttpResponse(mrml.to_html(mjml, None, NO_REMOTE_FONTS).content)


def _let_in(request: HttpRequest) -> None:
    if not (settings.DEBUG or may_enter(request)):
        raise Http404


@lru_cache(maxsize=1)
def tokens() -> dict[str, list[str]]:
    """Return the names of all tokens: colours, sizes of type and space, and typefaces."""
    names = list(dict.fromkeys(TOKEN.findall(TOKENS.read_text(encoding="utf-8"))))
    steps = [name for name in names if name.startswith("step-")]
    fonts = [name for name in names if name.startswith("font-")]
    spaces = [name for name in names if re.fullmatch(r"[sr]\d|page", name)]
    others = {*steps, *fonts, *spaces, "shadow"}
    colours = [name for name in names if name not in others]
    return {"colours": colours, "steps": steps, "fonts": fonts, "spaces": spaces}


@lru_cache(maxsize=1)
def icons() -> list[str]:
    """Return the names of the icons that templates and pictures use."""
    sources = (path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    found = {name for source in sources for pair in ICON.findall(source) for name in pair if name}
    return sorted({*found, *OF_THE_LOG.values(), *OF_RECIPIENTS.values()})


def _parts(request: HttpRequest) -> Iterator[Part]:
    for name, specimens in components().items():
        path = COMPONENTS / f"{name}.html"
        about = COMMENT.search(path.read_text(encoding="utf-8"))
        shown = [
            Shown(
                each.state,
                _apart(_rendered(name, each.context, request), f"{name}-{place}", each.state),
            )
            for place, each in enumerate(specimens)
        ]
        yield Part(name, " ".join(about[1].split()) if about else "", shown)


def _rendered(name: str, context: object, request: HttpRequest) -> str:
    return render_to_string(f"components/{name}.html", dict(context), request)  # type: ignore[call-overload]


def _apart(html: str, mark: str, state: str) -> str:
    """Make a specimen fit to stand beside others, and let nothing in it act or jump away."""
    html = REFERENCE.sub(lambda found: f'{found[1]}="{_marked(found[2], mark)}"', html)
    html = re.sub(r'href="#([\w-]+)"', rf'href="#{mark}-\1"', html)
    html = LANDMARK.sub(rf'\1\2 ({mark}: {state})"', html)
    html = re.sub(r"<form\b[^>]*>", '<form action="#">', html)
    html = re.sub(r"(</?)h1\b", r"\1h3", html).replace(" data-passkey-problem hidden", "")
    return re.sub(r'role="(?:alert|status)"', "", html)


def _marked(names: str, mark: str) -> str:
    return " ".join(f"{mark}-{name}" for name in names.split())
