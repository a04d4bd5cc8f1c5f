from __future__ import annotations

from django.contrib.contenttypes.models import ContentType

from tests.services import manage


def test_a_process_of_its_own_finds_a_migrated_database(database_url: str) -> None:
    migrations = manage({"DATABASE_URL": database_url}, "showmigrations", "--plan")

    assert "[X]" in migrations
    assert "[ ]" not in migrations


def test_what_such_a_process_writes_stays_out_of_the_tests_own_database(
    database_url: str, db: None
) -> None:
    before = ContentType.objects.count()
    write = "from django.contrib.contenttypes.models import ContentType as C; "
    write += "C.objects.create(app_label='x', model='y')"

    manage({"DATABASE_URL": database_url}, "shell", "--command", write)

    assert ContentType.objects.count() == before
