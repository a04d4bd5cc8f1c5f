"""What staff see of the mails that came in: what became of each, and never what stood in it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bizsecure.core.admin import ReadOnlyAdmin
from notifications.models import InboundMail


@admin.register(InboundMail)
class InboundMailAdmin(ReadOnlyAdmin):
    """What could not be handled is kept, sealed, for somebody to look into why."""

    list_display = ("received_at", "box", "way", "attempts", "handled_at", "what_became_of_it")
    list_filter = ("box", "way", "outcome", ("handled_at", admin.EmptyFieldListFilter))
    fields = ("received_at", "box", "way", "is_cut", "attempts", "handled_at", "what_became_of_it")
    show_full_result_count = False

    @admin.display(description=_("outcome"))
    def what_became_of_it(self, mail: InboundMail) -> str:
        """The outcome, or why there is none so far."""
        if mail.handled_at:
            return mail.get_outcome_display()
        return str(_("Waits") if mail.due_at else _("Could not be handled"))
