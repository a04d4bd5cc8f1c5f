"""The catalogue, for staff. Prices are added; what something once cost stays written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from bizsecure.core.admin import FewRows
from bizsecure.store.models import Feature, Price, Product


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new price, from now on unless a later moment is given."""

    valid_from = forms.SplitDateTimeField(
        label=_("valid from"),
        required=False,
        help_text=_("Empty: from now on."),
        widget=UnfoldAdminSplitDateTimeWidget(),
    )

    class Meta:
        model = Price
        fields = ("amount", "period", "valid_from")

    def clean_valid_from(self) -> datetime:
        now = timezone.now()
        begins: datetime = self.cleaned_data["valid_from"] or now
        if begins < now:
            raise ValidationError(_("A price cannot begin in the past: it would rewrite history."))
        return begins


class NamedCells(FewRows, TabularInline):  # type: ignore[misc]
    """A table whose cells are called as their column is, for who cannot see the column."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.widget.attrs["aria-label"] = field.label
        return field


class PriceInline(NamedCells):
    """The prices of a product, past, present and future."""

    model = Price
    form = PriceForm
    extra = 0
    hide_title = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FeatureInline(NamedCells):
    """What a product offers, a row of the comparison each."""

    model = Feature
    extra = 0
    hide_title = True


@admin.register(Product)
class ProductAdmin(ModelAdmin):  # type: ignore[misc]
    """Products. Taking one off sale retires it; carts that hold it say so to their visitors."""

    list_display = ("name", "kind", "delivered_by", "position", "is_on_sale")
    list_filter = ("kind", "is_on_sale")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PriceInline, FeatureInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Carts that visitors have kept for weeks know a product by this name.
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
