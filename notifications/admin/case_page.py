"""The page of one case: closed until somebody says that they read it, then the conversation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin import ConfidentialAdmin
from accounts.admin.record import StaffRequest
from accounts.models import StaffAccess, User
from bizsecure.core.admin import sent
from bizsecure.core.errors import Refused
from notifications.admin.case_forms import AnswerForm, AssignForm, NoteForm
from notifications.models import Case, CaseAttachment
from notifications.services import answering

# A sender may write without end, and a page must not.
MESSAGES_A_PAGE, MOST_STEPS = 50, 100
BUTTONS: dict[str, tuple[Callable[..., object], Any]] = {
    "open": (answering.read_case, ""),
    "answer": (answering.answer_case, gettext_lazy("Your answer is on its way.")),
    "note": (answering.note, gettext_lazy("Noted.")),
    "assign": (answering.assign_case, gettext_lazy("Assigned.")),
    "keep": (answering.keep_case, gettext_lazy("Kept.")),
    "discard": (
        answering.discard_case,
        gettext_lazy("Discarded. What was written is erased in some weeks."),
    ),
}


class CasePages(ConfidentialAdmin):
    """What is written in a case is personal information: opening it is a look (SEC-2)."""

    def get_urls(self) -> list[Any]:
        """Add the files of a case to the pages of the rows."""
        view = self.admin_site.admin_view(self.file)
        file = path("<int:object_id>/files/<int:number>/", view, name="notifications_case_file")
        return [file, *super().get_urls()]

    def changeform_view(
        self, request: Any, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One case with its buttons. Looking at the closed page changes nothing."""
        if not self.has_view_permission(request) or object_id is None:
            raise PermissionDenied
        if closed := self.door(request):
            return closed
        case: Case | None = self.get_object(request, object_id)
        if case is None:
            raise Http404
        forms = _forms(request, case)
        done = _press(request, case, forms) if request.method == "POST" else None
        return done or self._shown(request, case, forms)

    def file(self, request: StaffRequest, object_id: int, number: int) -> HttpResponse:
        """A file that came with a message: only ever to be saved, and only by a button."""
        if not request.user.has_perm(answering.RIGHT):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        files = CaseAttachment.objects.select_related("message__case__customer")
        attachment = get_object_or_404(files, pk=number, message__case=object_id)
        content = answering.fetch_attachment(attachment=attachment, actor=Actor.staff(request.user))
        answer = HttpResponse(content, content_type="application/octet-stream")
        answer.headers["Content-Disposition"] = _saved_as(attachment.name or "file")
        return answer

    def _shown(self, request: StaffRequest, case: Case, forms: dict[str, Any]) -> HttpResponse:
        is_open = _is_open(case, request.user)
        said = case.messages.select_related("author", "mail").prefetch_related("attachments")
        pages = Paginator(said.order_by("-written_at", "-pk"), MESSAGES_A_PAGE)
        page = pages.get_page(request.GET.get("page"))
        steps = case.events.select_related("actor_user", "assignee")
        context = {
            "title": case.number,
            "case": case,
            "is_open": is_open,
            "page_obj": page,
            "said": list(page)[::-1] if is_open else (),
            "steps": list(steps.order_by("-pk")[:MOST_STEPS])[::-1],
            "is_overdue": bool(case.due_at and case.due_at < timezone.now()),
            "may_answer": request.user.has_perm(answering.RIGHT),
            **forms,
        }
        shown = self.page(request, "admin/notifications/case.html", context)
        if any(form.is_bound and form.errors for form in forms.values()):
            shown.status_code = 422
        return shown


def _forms(request: StaffRequest, case: Case) -> dict[str, Any]:
    """Return the forms of the page; the one whose button was pressed holds what was typed."""
    answered = "answer" in request.POST or "insert" in request.POST
    return {
        "answer": AnswerForm(sent(request) if answered else None, case=case, staff=request.user),
        "note": NoteForm(
            sent(request) if "note" in request.POST else None, case=case, staff=request.user
        ),
        "assign": AssignForm(sent(request) if "assign" in request.POST else None, case=case),
    }


def _press(request: StaffRequest, case: Case, forms: dict[str, Any]) -> HttpResponse | None:
    """Do what a button says. What is not right, or refused, shows the page with what was typed."""
    button = next((name for name in BUTTONS if name in request.POST), None)
    if not request.user.has_perm(answering.RIGHT):
        raise PermissionDenied
    form = forms.get(button or "")
    if button is None or (form is not None and not form.is_valid()):
        return None
    service, words = BUTTONS[button]
    facts = form.facts if form is not None else {}
    change = partial(service, case=case, actor=Actor.staff(request.user))
    try:
        change(**facts)
    except Refused as refused:
        if form is not None:
            form.add_error(None, refused.sentence)
            return None
        messages.error(request, refused.sentence)
    else:
        if words:
            messages.success(request, words)
    return redirect("admin:notifications_case_change", case.pk)


def _is_open(case: Case, staff: User) -> bool:
    """Whether this person may see what is written: read, and looked at with a reason."""
    if case.state == Case.State.RECEIVED:
        return False
    if case.customer is None:
        return True
    return StaffAccess.objects.standing(staff, case.customer, timezone.now()).exists()


def _saved_as(name: str) -> str:
    """Return the header that has a browser save a file under this name."""
    plain = "".join(each if each.isalnum() or each in "-_." else "_" for each in name)
    return f'attachment; filename="{plain.encode("ascii", "replace").decode().replace("?", "_")}"'
