"""Who may know whom, also where an import contract cannot see it."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db.models import Model

from tests.architecture.house import ROOT, height, layers, room_of


def ours() -> list[type[Model]]:
    return [model for model in apps.get_models() if room_of(model.__module__)]


def test_every_app_of_ours_stands_in_the_import_contract() -> None:
    rooms = {room for floor in layers() for room in floor}
    packages = {ROOT / path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    apps_of_ours = {
        config.name
        for config in apps.get_app_configs()
        if any(Path(config.path).is_relative_to(package) for package in packages)
    }
    assert apps_of_ours - rooms == set()


def test_foreign_keys_point_downward_or_stay_in_their_room() -> None:
    wrong = []
    for model in ours():
        own = room_of(model.__module__) or ""
        for relation in model._meta.get_fields():
            target = relation.related_model if relation.is_relation else None
            if not isinstance(target, type) or relation.auto_created:
                continue
            other = room_of(target.__module__)
            if other and other != own and height(other) >= height(own):
                wrong.append(f"{model.__name__}.{relation.name} -> {target.__name__}")
    assert wrong == []


def test_there_are_models_to_look_at() -> None:
    assert {"Customer", "Notice", "Choice"} <= {model.__name__ for model in ours()}
