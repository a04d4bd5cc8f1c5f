"""Policies to read: in force, coming, older versions, and any two side by side (CHANGE-1)."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from consent.beside import clauses
from consent.calendar import in_policy_zone
from consent.diff import side_by_side
from consent.forms import TwoVersionsForm
from consent.models import PolicyVersion
from consent.querysets import PolicyVersionQuerySet
from consent.wording import pair_of_words, worded

# Asks for the text that binds instead of its translation.
BINDING = "binding"


@require_safe
@in_policy_zone
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """The version in force, with what is coming."""
    posted = _posted(slug)
    now = timezone.now()
    version = posted.in_force(now)
    if version is None:
        raise Http404
    return _page(request, version, coming=posted.coming(now))


@require_safe
@in_policy_zone
def policy_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Any version that was ever posted, as it was posted."""
    return _page(request, get_object_or_404(_posted(slug), number=number), coming=[])


@require_safe
@in_policy_zone
def policy_versions(request: HttpRequest, slug: str, status: int = 200) -> HttpResponse:
    """All versions, the newest first."""
    versions = list(_posted(slug))
    context = {"slug": slug, "versions": versions, "newest": versions[0] if versions else None}
    return render(request, "consent/versions.html", context, status=status)


@require_safe
@in_policy_zone
def policy_compare(request: HttpRequest, slug: str, older: int, newer: int) -> HttpResponse:
    """Two versions side by side, the older one first whichever was named first."""
    # Each number on its own: unlike a list of them, Django then takes any size.
    chosen = Q(number=older) | Q(number=newer)
    pair = list(_posted(slug).filter(chosen).order_by("number"))
    if len(pair) != 2:
        raise Http404
    before, after = pair_of_words(*pair)
    rows = side_by_side(before.text if before else "", after.text)
    context = {"older": pair[0], "newer": pair[1], "words": after, "rows": rows}
    return render(request, "consent/compare.html", context)


@require_safe
@in_policy_zone
def policy_compare_chosen(request: HttpRequest, slug: str) -> HttpResponse:
    """From the form under the list of versions to the comparison."""
    form = TwoVersionsForm(_posted(slug), request.GET)
    if form.is_valid():
        older, newer = form.numbers
        return redirect("policy_compare", slug=slug, older=older, newer=newer)
    messages.error(request, _("Choose two different versions to compare."))
    return policy_versions(request, slug, status=422)


def _posted(slug: str) -> PolicyVersionQuerySet:
    return worded(PolicyVersion.objects.of(slug).posted().with_state(timezone.now()))


def _page(
    request: HttpRequest, version: PolicyVersion, coming: Iterable[PolicyVersion]
) -> HttpResponse:
    words = version if BINDING in request.GET else version.words
    beside = clauses(version, getattr(request, "customer", None), timezone.now(), words)
    context = {
        "version": version,
        "words": words,
        "is_translation": words is not version,
        "clauses": beside,
        "sections": [clause.section for clause in beside],
        "is_explained": any(clause.note for clause in beside),
        "coming": coming,
        "is_in_force": version.state == PolicyVersion.State.IN_FORCE,
    }
    return render(request, "consent/policy.html", context)
