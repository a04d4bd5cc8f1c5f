"""The image and the compose file: small, without root, watched, and told nothing unknown."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bizsecure.version import VERSION
from deploy.healthcheck import BEAT_WRITES_SECONDS, beat_is_well, web_is_well
from deploy.make_secrets import OURS, THEIRS, write_secrets
from tests.deploy.image import ROOT, compose, context, dockerfile, stages

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
PORTAL = {name: each for name, each in SERVICES.items() if "bizsecure" in each["image"]}
LAST = stages()[-1]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
KNOWN = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))
# Read by deploy/gunicorn.conf.py, which runs before the settings.
OF_GUNICORN = {"WEB_BIND", "WEB_WORKERS", "WEB_TRUSTS"}
DIGITS = re.compile(r":v?\d+\.\d+")


def of(instruction: str, stage: list[tuple[str, str]] = LAST) -> list[str]:
    return [text for word, text in stage if word == instruction]


def test_every_stage_stands_on_a_base_whose_version_is_named() -> None:
    [version] = [text for word, text in dockerfile() if word == "ARG"]
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-\w+", version)
    bases = [of("FROM", stage)[0].split()[0] for stage in stages()]
    assert set(bases) == {"python:${PYTHON}"}
    assert len(bases) > 1


def test_the_image_runs_as_nobody_who_could_become_root() -> None:
    [user] = of("USER")
    assert user == "10001:10001"
    assert LAST.index(("USER", user)) < min(LAST.index(("CMD", text)) for text in of("CMD"))
    assert not any("sudo" in text or "chmod 777" in text for _word, text in dockerfile())


def test_the_image_says_how_it_is() -> None:
    [check] = of("HEALTHCHECK")
    assert 'CMD ["python", "deploy/healthcheck.py", "web"]' in check


def test_the_image_installs_what_is_pinned_for_running_and_nothing_else() -> None:
    [line] = [text for text in of("RUN", stages()[0]) if "pip install" in text]
    assert line.endswith("--require-hashes --requirement /tmp/requirements.lock")
    assert of("COPY", stages()[0]) == ["requirements.lock /tmp/"]
    every_line = " ".join(text for _word, text in dockerfile())
    assert every_line.count("pip install") == 1
    assert not re.search(r"requirements[\w-]*\.txt|constraints\.txt", every_line)
    # What the last stage has comes from the stages before, so nothing of building is left in it.
    assert all(text.startswith("--from=") for text in of("COPY"))
    assert not any("pip" in text or "apt-get" in text for text in of("RUN"))


def test_no_secret_is_baked_in() -> None:
    values = [text for stage in stages() for text in of("ENV", stage)] + of("ARG")
    assert not [text for text in values if re.search(r"KEY|SECRET|PASSWORD|TOKEN", text)]
    [step] = [text for text in of("RUN", stages()[1]) if "rm deploy/build.env" in text]
    assert step.startswith("rm deploy/build.env")


def test_only_what_runs_gets_into_the_image() -> None:
    files = [str(path) for path in context()]
    tops = {name.split("/")[0] for name in files}
    assert tops == {
        *("accounts", "bizsecure", "consent", "notifications", "templates", "deploy"),
        *("LICENSE", "manage.py", "requirements.lock"),
    }
    assert {name for name in files if name.startswith("deploy/")} == {
        *("deploy/build.env", "deploy/gunicorn.conf.py", "deploy/healthcheck.py"),
    }
    unwanted = re.compile(r"(^|/)tests?(/|\.py)|test_|\.pyc$|(^|/)\.env|bizsecure/local/|\.sqlite3")
    assert [name for name in files if unwanted.search(name)] == []
    assert "consent/policies/privacy-1.md" in files


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_named_by_its_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert DIGITS.search(image), image
    if name in PORTAL:
        assert f":{VERSION}" in image


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("user", "root") != "root" or name == "relay"
    assert "privileged" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_a_service_that_stays_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_there_is_everything_that_a_site_needs() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "postgres", "redis", "relay"}


def test_the_database_is_migrated_once_before_the_others_start() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_service_runs_what_systemd_runs(name: str) -> None:
    unit = (ROOT / "deploy" / "systemd" / f"portal-{name}.service").read_text(encoding="utf-8")
    [started] = re.findall(r"^ExecStart=\S*/(python .*)$", unit, re.MULTILINE)
    assert " ".join(SERVICES[name]["command"]) == started


def test_the_image_starts_the_web_by_itself() -> None:
    [command] = of("CMD")
    assert re.findall(r'"([^"]+)"', command) == SERVICES["web"]["command"]


@pytest.mark.parametrize("name", PORTAL)
def test_the_portal_is_told_only_what_it_listens_to(name: str) -> None:
    told = {each.removesuffix("_FILE") for each in SERVICES[name]["environment"]}
    assert told <= KNOWN | OF_GUNICORN
    of_the_image = {pair.split("=")[0] for text in of("ENV") for pair in text.split()}
    python = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert of_the_image - python <= KNOWN | OF_GUNICORN


def test_the_example_for_the_compose_file_names_only_what_is_known() -> None:
    text = (ROOT / "deploy" / "portal.env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)) <= KNOWN


def test_secrets_come_as_files() -> None:
    given = compose()["secrets"]
    for service in SERVICES.values():
        told = service.get("environment", {})
        for name, value in told.items():
            if re.search(r"(KEY|KEYS|SECRET|PASSWORD|TOKEN|DATABASE_URL)$", name):
                raise AssertionError(f"{name} stands in the compose file")
            if name.endswith("_FILE"):
                secret = str(value).removeprefix("/run/secrets/")
                assert secret in service["secrets"]
        assert set(service.get("secrets", [])) <= set(given)
    assert {file["file"] for file in given.values()} == {f"secrets/{name}" for name in given}


def test_the_databases_are_reached_from_inside_alone() -> None:
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_what_must_outlive_a_container_has_a_volume() -> None:
    for name in ("web", "worker"):
        told = SERVICES[name]["environment"]
        places = [volume.split(":")[1] for volume in SERVICES[name]["volumes"]]
        assert told["OPT_OUT_JOURNAL"] in places
    of_the_worker = [volume.split(":")[1] for volume in SERVICES["worker"]["volumes"]]
    assert SERVICES["worker"]["environment"]["NOTICE_JOURNAL"] in of_the_worker
    # A volume belongs to whom the folder below it belongs to.
    made = " ".join(of("RUN"))
    assert all(place in made for place in of_the_worker)


def test_secrets_are_made_once_and_for_their_reader_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    written = write_secrets(folder)
    assert set(written) == {*OURS, *THEIRS, "database_url"} == set(compose()["secrets"])
    assert all(path.stat().st_mode & 0o377 == 0 for path in folder.iterdir())
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert write_secrets(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    password = before["postgres_password"].strip()
    assert f"portal:{password}@postgres:5432" in before["database_url"]


def test_the_settings_accept_what_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    write_secrets(folder)
    files = {"stripe_secret_key": "sk_live_x", "stripe_webhook_secret": "whsec_x"}
    for name, value in files.items():
        (folder / name).chmod(0o600)
        (folder / name).write_text(value)
    told = PORTAL["web"]["environment"]
    environment = {
        **{name: value.replace("/run/secrets", str(folder)) for name, value in told.items()},
        "SITE_URL": "https://www.bizsecure.com",
        "ALLOWED_HOSTS": "www.bizsecure.com",
    }
    command = [sys.executable, "-c", "import bizsecure.settings"]
    finished = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr


def test_the_web_is_well_when_it_answers_to_its_own_name() -> None:
    assert not web_is_well("127.0.0.1:1", "https://www.bizsecure.com")
    assert not web_is_well("nonsense", "")


def test_the_beat_is_well_while_it_writes(tmp_path: Path) -> None:
    schedule = tmp_path / "celerybeat-schedule"
    assert not beat_is_well(schedule, 0)
    written = tmp_path / "celerybeat-schedule.db"
    written.touch()
    at = written.stat().st_mtime
    assert beat_is_well(schedule, at + BEAT_WRITES_SECONDS - 1)
    assert not beat_is_well(schedule, at + BEAT_WRITES_SECONDS + 1)


def test_who_asks_for_nothing_known_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["healthcheck.py", "everything"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "deploy" / "healthcheck.py"), run_name="__main__")
    assert ended.value.code == 2
