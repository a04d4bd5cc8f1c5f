"""The last release is found by its tag, and unpacked as it was."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.releases import previous_release, unpack
from tests.services import missing


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a repository of two commits, of which the first says one and the second two."""
    if shutil.which("git") is None:
        missing("No git is on PATH.")
    git(tmp_path, "init", "--quiet")
    for word in ("one", "two"):
        (tmp_path / "word").write_text(word)
        git(tmp_path, "add", "word")
        git(tmp_path, "commit", "--quiet", "--message", word)
    return tmp_path


def git(repository: Path, *command: str) -> None:
    who = ["-c", "user.name=Carol", "-c", "user.email=carol@example.com"]
    subprocess.run(["git", *who, *command], cwd=repository, check=True)


def test_without_a_tag_there_is_none(repository: Path) -> None:
    git(repository, "tag", "experiment", "HEAD^")
    assert previous_release(repository) is None


def test_outside_a_repository_there_is_none(tmp_path: Path) -> None:
    assert previous_release(tmp_path) is None


def test_it_is_the_newest_below_the_commit_and_not_the_commit_itself(repository: Path) -> None:
    for tag in ("v1.9.0", "v1.10.0"):
        git(repository, "tag", tag, "HEAD^")
    git(repository, "tag", "v2.0.0", "HEAD")
    assert previous_release(repository) == "v1.10.0"


def test_it_is_unpacked_as_it_was(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repository, "tag", "v1.0.0", "HEAD^")
    folder = tmp_path_factory.mktemp("release")
    unpack(repository, "v1.0.0", folder)
    assert (folder / "word").read_text() == "one"
