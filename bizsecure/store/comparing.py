"""Products beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from bizsecure.store.models import Product

NOT_SAID = "\N{EN DASH}"


def compared(products: Sequence[Product]) -> list[tuple[str, list[str]]]:
    """Return a row for each feature that any of the products names, with what each of them has."""
    names: dict[str, int] = {}
    for product in products:
        for feature in product.features.all():
            names.setdefault(feature.name, feature.position)
    values = [{each.name: each.value for each in product.features.all()} for product in products]
    return [
        (name, [had.get(name, NOT_SAID) for had in values])
        for name in sorted(names, key=lambda name: names[name])
    ]
