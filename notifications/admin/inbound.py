"""What staff see of the mails that came in: what became of each, and never what stood in it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.admin.record import StaffRequest
from bizsecure.core.admin import ReadOnlyAdmin
from notifications.models import InboundMail
from notifications.services.hearing import try_again


@admin.register(InboundMail)
class InboundMailAdmin(ReadOnlyAdmin):
    """What could not be handled is kept, sealed, for somebody to look into why."""

    list_display = ("received_at", "box", "way", "attempts", "handled_at", "what_became_of_it")
    list_filter = ("box", "way", "outcome", ("handled_at", admin.EmptyFieldListFilter))
    fields = ("received_at", "box", "way", "is_cut", "attempts", "handled_at", "what_became_of_it")
    show_full_result_count = False
    actions = ("try_again",)

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Return whether this person looks after what people write to us."""
        return request.user.has_perm("notifications.answer_case")

    @admin.action(description=_("Try again what could not be handled"), permissions=["answer"])
    def try_again(self, request: StaffRequest, chosen: QuerySet[InboundMail]) -> None:
        """Have the mails that somebody ticked handled by the next sweep."""
        keys = chosen.values_list("pk", flat=True)
        number = try_again(mails=keys, actor=Actor.staff(request.user))
        said = ngettext("%d mail is tried again.", "%d mails are tried again.", number) % number
        self.message_user(request, said)

    @admin.display(description=_("outcome"))
    def what_became_of_it(self, mail: InboundMail) -> str:
        """The outcome, or why there is none so far."""
        if mail.handled_at:
            return mail.get_outcome_display()
        return str(_("Waits") if mail.due_at else _("Could not be handled"))
