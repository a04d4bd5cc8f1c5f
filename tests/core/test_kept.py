"""Parts of pages that are drawn once a process hold nothing of a reader."""

from __future__ import annotations

from django.template import Context, Template
from django.utils.translation import override


def drawn(page: Template, **seen: object) -> str:
    return page.render(Context(seen))


def test_what_is_kept_sees_what_is_named_and_nothing_else() -> None:
    page = Template("{% load kept %}{% kept here %}{{ here }}, {{ reader }}{% endkept %}")

    assert drawn(page, here="log", reader="Alice") == "log, "


def test_it_is_drawn_once_for_each_value_and_language() -> None:
    page = Template(
        "{% load i18n kept %}{% kept here %}{{ here.drawn }} {% translate 'Home' %}{% endkept %}"
    )
    here = Counted()

    assert drawn(page, here=here) == drawn(page, here=here) == "1 Home"
    with override("es"):
        assert drawn(page, here=here).startswith("2 ")
    assert drawn(page, here=Counted()) == "1 Home"


class Counted:
    """Counts how often it was looked at."""

    looks = 0

    @property
    def drawn(self) -> int:
        self.looks += 1
        return self.looks


def test_a_name_may_be_given_to_what_is_computed() -> None:
    page = Template(
        "{% load kept %}{% kept number=rows|length %}{{ number }}{{ rows }}{% endkept %}"
    )

    assert drawn(page, rows=[1, 2]) == "2"
    assert drawn(page, rows=[3, 4, 5]) == "3"
