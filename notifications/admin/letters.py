"""The page of the letters about a change of policy or an announcement: whom, printing, posted."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin.record import StaffRequest, terms_door
from bizsecure.core.admin import AskingPages, ReadOnlyAdmin, sent
from consent.calendar import in_policy_zone, policy_day, policy_zone
from consent.deadlines import LETTER_DAYS, last_posting_day
from consent.models import PolicyVersion
from notifications.admin.forms import calendar
from notifications.forecast import forecast_of
from notifications.letter_list import letters_due, with_reasons
from notifications.models import Announcement, LetterRun
from notifications.services.writing_letters import (
    MOST_LETTERS,
    record_posted,
    write_letters,
)

A_PAGE = 100
MOST_RUNS = 20


class PostedForm(forms.Form):
    """The day on which the letters of a run were posted."""

    run = forms.IntegerField(widget=forms.HiddenInput)
    posted_on = forms.DateField(
        label=gettext_lazy("Posted on"),
        widget=calendar(),
    )


class LetterPages(AskingPages, ReadOnlyAdmin):
    """Customers stand in the list by number; names and addresses are in the letters alone."""

    @in_policy_zone
    def letters_about(
        self, request: StaffRequest, about: Announcement | PolicyVersion, here: str, back: str
    ) -> HttpResponse:
        """Whom no mail tells; one button prints the letters, another says when they were posted.

        Printing is a look at each record, so it is a button and no link. Who may see it the caller
        has asked.
        """
        if closed := terms_door(request):
            return closed
        actor = Actor.staff(request.user)
        if "pdf" in request.POST:
            return _as_file(write_letters(about=about, actor=actor))
        form = PostedForm(sent(request), initial={"posted_on": policy_day(timezone.now())})
        runs = LetterRun.objects.about(about)
        change = partial(self._record, form, runs, actor)
        due = with_reasons(letters_due(about))
        context = {
            "title": _("Letters"),
            "about": about,
            "page_obj": Paginator(due, A_PAGE).get_page(request.GET.get("page")),
            "most": MOST_LETTERS,
            "runs": runs.select_related("made_by", "posted_by")[:MOST_RUNS],
            "letter_days": LETTER_DAYS,
            "post_by": _post_by(about),
            "back": back,
        }
        return self.ask(
            request,
            "admin/notifications/letters.html",
            form,
            change=change,
            then=here,
            said=_("Written down. They count as received on the day that is shown below."),
            context=context,
        )

    def _record(self, form: PostedForm, runs: Any, actor: Actor) -> int:
        run = get_object_or_404(runs, pk=form.cleaned_data["run"])
        return record_posted(run=run, posted_on=form.cleaned_data["posted_on"], actor=actor)


def _post_by(about: Announcement | PolicyVersion) -> Any:
    """Return the last day on which a letter is in time for the announced date of a change."""
    if isinstance(about, Announcement):
        return None
    forecast = forecast_of(about, timezone.now())
    return last_posting_day(forecast.tell_by, policy_zone()) if forecast else None


def _as_file(pdf: bytes) -> HttpResponse:
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="letters.pdf"'
    return answer
