"""Where customers say yes or no: the page of choices, a change's notice, and a mail's link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.access import CustomerRequest, customer_required, posted
from accounts.actors import Actor
from accounts.models import Customer
from consent.calendar import policy_day, policy_zone
from consent.context import changes_of, position_of
from consent.diff import around_changes, side_by_side
from consent.forms import AnswersForm
from consent.history import choice_history
from consent.links import open_choose_token
from consent.models import Choice, DeclaredUse, PolicyVersion
from consent.pending import Change
from consent.ruler import Ruler, thirty_day_ruler
from consent.services.choosing import answer_change, record_choices, set_switches
from consent.services.telling import record_shown
from consent.standing import Asked, Standing, standings_at
from consent.wording import pair_of_words

GROUPS = {
    DeclaredUse.Basis.CHOICE: gettext_lazy("Used only if you say yes"),
    DeclaredUse.Basis.OPT_OUT: gettext_lazy("Used unless you say no"),
    DeclaredUse.Basis.ESSENTIAL: gettext_lazy("Needed to run your account"),
}

UNDO = "choices_before"


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: CustomerRequest) -> HttpResponse:
    """Every declared use with its switch (CHANGE-3, OPT-1)."""
    if request.method == "POST":
        actor = Actor.customer(request.user)
        switches = _switches(request)
        saved = set_switches(customer=request.customer, switches=switches, actor=actor)
        # What the next press may undo: each of these as it stood before.
        request.session[UNDO] = {row.use.key: row.answer != "yes" for row in saved}
        messages.success(request, _saved(len(saved)))
        return redirect("choices")
    rows = standings_at(position_of(request, request.customer))
    groups = _grouped(rows)
    context = {
        "page": "choices",
        "groups": [group for group in groups if not group["choices"][0].locked],
        "needed": [
            (group["title"], _needed(group)) for group in groups if group["choices"][0].locked
        ],
        "shown": ",".join(row.use_key for row in rows if not row.locked),
        "history": choice_history(request.customer),
        "can_undo": bool(request.session.get(UNDO)),
    }
    return render(request, "consent/choices.html", context)


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: CustomerRequest, number: int) -> HttpResponse:
    """A change, what it means for this customer, and the question (CHANGE-2, CHANGE-3)."""
    change = _change_or_404(request, number)
    form = AnswersForm(list(change.uses), posted(request))
    actor = Actor.customer(request.user)
    if request.method == "POST" and (not change.uses or "put_aside" in request.POST):
        record_shown(version=change.version, customer=request.customer, actor=actor)
        messages.success(request, _put_aside(change))
        return redirect("overview")
    if request.method == "POST" and form.is_valid():
        answer_change(
            customer=request.customer, version=change.version, answers=form.answers, actor=actor
        )
        messages.success(request, _confirmation(change, form.answers))
        return redirect("notice", number)
    context = {**_about(change), **_questions(change, form), "page": "notice"}
    status = 422 if form.errors else 200
    return render(request, "consent/notice.html", context, status=status)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a notice mail: a no counts at once, a yes asks to sign in.

    The page names nobody, because mails are forwarded. Opening it changes nothing, because
    programs that look for malware open every link. Its form needs no cookie (COOKIE-3).
    """
    customer, version = _linked_or_404(token)
    uses = list(version.new_uses())
    form = AnswersForm(uses, posted(request))
    context: dict[str, Any] = {"version": version, "form": form}
    context["questions"] = _asked(uses, form, {})
    if version.status == PolicyVersion.Status.WITHDRAWN:
        context["withdrawn"] = True
        return render(request, "consent/choose.html", context, status=410)
    if request.method == "POST" and form.is_valid():
        refused = {key: False for key, yes in form.answers.items() if not yes}
        record_choices(
            customer=customer,
            version=version,
            answers=refused,
            method=Choice.Method.MAIL_LINK,
            actor=Actor.customer(),
        )
        context["done"] = {"answer": "no" if len(refused) == len(form.answers) else "yes"}
    return render(request, "consent/choose.html", context, status=422 if form.errors else 200)


def _switches(request: CustomerRequest) -> dict[str, bool]:
    """How the form wants each use it showed, or as they stood before the last press."""
    if "undo" in request.POST:
        return dict(request.session.get(UNDO, {}))
    shown = [key for key in request.POST.get("shown", "").split(",") if key]
    return {key: key in request.POST and "all_off" not in request.POST for key in shown}


def _saved(number: int) -> str:
    if not number:
        return _("Nothing was changed.")
    return ngettext("One choice is saved.", "%(number)s choices are saved.", number) % {
        "number": number
    }


def _grouped(rows: list[Standing]) -> list[dict[str, Any]]:
    groups = (
        {"title": str(title), "choices": [row for row in rows if row.declared.basis == basis]}
        for basis, title in GROUPS.items()
    )
    return [group for group in groups if group["choices"]]


def _needed(group: dict[str, Any]) -> tuple[Asked, ...]:
    """What every customer reads of the uses that cannot be switched off."""
    return tuple(row.asked for row in group["choices"])


def _change_or_404(request: CustomerRequest, number: int) -> Change:
    for change in changes_of(request, request.customer):
        if change.version.number == number:
            return change
    raise Http404


def _linked_or_404(token: str) -> tuple[Customer, PolicyVersion]:
    numbers = open_choose_token(token)
    if numbers is None:
        raise Http404
    customer = Customer.objects.served().filter(pk=numbers[0]).first()
    version = PolicyVersion.objects.posted().filter(pk=numbers[1]).first()
    if customer is None or version is None:
        raise Http404
    return customer, version


def _about(change: Change) -> dict[str, Any]:
    version, base = change.version, change.version.base
    before, after = pair_of_words(base, version)
    rows = side_by_side(before.text if before else "", after.text)
    return {
        "change": change,
        "version": version,
        "base": base,
        "points": version.words.summary_lines,
        "rows": around_changes(rows),
        "ruler": _ruler(change),
        "binds_on": change.effective_on if change.binds_from else None,
    }


def _ruler(change: Change) -> Ruler | None:
    if change.told_at is None or change.binds_from is None:
        return None
    now = timezone.now()
    return thirty_day_ruler(change.told_at, change.binds_from, now, policy_zone())


def _questions(change: Change, form: AnswersForm) -> dict[str, Any]:
    return {"form": form, "questions": _asked(list(change.uses), form, change.answers)}


def _asked(
    uses: list[DeclaredUse], form: AnswersForm, answers: dict[int, Choice]
) -> list[dict[str, Any]]:
    return [
        {
            "use_key": declared.use.key,
            "question": declared.words.question,
            "if_yes": declared.words.if_yes,
            "if_no": declared.words.if_no,
            "field": form[declared.use.key],
            "answered": answers[declared.use_id].answer if declared.use_id in answers else None,
            "answered_at": (
                answers[declared.use_id].recorded_at if declared.use_id in answers else None
            ),
        }
        for declared in uses
    ]


def _confirmation(change: Change, answers: dict[str, bool]) -> str:
    if not any(answers.values()):
        return _("Saved: no. Nothing new begins. You can change it at any time.")
    now = timezone.now()
    if change.binds_from is None or change.binds_from <= now:
        return _("Saved: yes. It counts from now on. You can change it at any time.")
    when = date_format(policy_day(change.binds_from), "DATE_FORMAT")
    return _("Saved: yes. It counts from %(date)s. You can change it at any time.") % {"date": when}


def _put_aside(change: Change) -> str:
    if not change.uses:
        return _("Thank you. You find this notice on your page of choices.")
    return _(
        "Put aside. Nothing new begins without your yes. You find the question among your choices."
    )
