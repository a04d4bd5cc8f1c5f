"""What deploy/Dockerfile would make, without Docker. `make image-check` makes and starts it.

python -m tests.deploy.image

The files that .dockerignore lets through are copied, the packages of requirements.lock alone are
installed into an environment of their own and compared with the lock, the RUN lines that concern
the site are run, and then web, worker and beat are started as compose.yaml says and asked by their
health checks.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from bizsecure.local.lock import LOCK, pins, plain
from bizsecure.local.services import PrivatePostgres, PrivateRedis, free_port
from deploy.make_secrets import write_secrets
from tests.environment import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
# Where the image has its packages.
OF_THE_IMAGE = "/opt/portal/bin/python"
PATIENCE_SECONDS = 120
STATE = "/var/lib/portal"


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with their arguments, in order."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return [(word, " ".join(rest.split())) for word, rest in lines]


def stages() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage, each beginning with its FROM."""
    found: list[list[tuple[str, str]]] = []
    for instruction in dockerfile():
        if instruction[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def compose() -> dict[str, Any]:
    """Return the compose file, its merges done."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def context() -> Iterator[Path]:
    """Yield the files that .dockerignore lets into the image, relative to the root."""
    rules = _rules()
    starts = {rule.split("/")[0] for rule, lets_in in rules if lets_in}
    for start in sorted(starts):
        place = ROOT / start
        paths = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (
            path.relative_to(ROOT)
            for path in paths
            if path.is_file() and _is_let_in(path.relative_to(ROOT), rules)
        )


def copy_context(folder: Path) -> None:
    """Put what the image is made of into a folder."""
    for path in context():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)


def run_steps(site: Path, python: str) -> None:
    """Run the lines of the Dockerfile that are about the site, in a copy of it."""
    for instruction, line in stages()[1]:
        if instruction == "RUN":
            subprocess.run(line.replace(OF_THE_IMAGE, python), cwd=site, shell=True, check=True)  # noqa: S602  our own line


def settings_of(service: str, secrets: Path) -> dict[str, str]:
    """Return what compose.yaml tells a service, with its secrets where they lie here."""
    told = compose()["services"][service]["environment"]
    return {name: str(value).replace("/run/secrets", str(secrets)) for name, value in told.items()}


def is_well(site: Path, python: str, environment: Mapping[str, str], which: str) -> bool:
    """Ask the health check of the image for one of its processes."""
    command = [python, "deploy/healthcheck.py", which]
    return subprocess.run(command, cwd=site, env=environment, check=False).returncode == 0


def wait_until_well(site: Path, python: str, environment: Mapping[str, str], which: str) -> None:
    """Return once the process is well; fail when it is not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_well(site, python, environment, which):
        if time.monotonic() > deadline:
            raise SystemExit(f"{which} is not well.")
        time.sleep(1)
    print(f"{which} is well.", flush=True)


def _rules() -> list[tuple[str, bool]]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    return [(rule.removeprefix("!"), rule.startswith("!")) for rule in rules]


def _is_let_in(path: Path, rules: list[tuple[str, bool]]) -> bool:
    """Whether the last rule that says something of the path, or of a folder above, lets it in."""
    names = [str(path), *map(str, path.parents)]
    found = True
    for rule, lets_in in rules:
        pattern = re.escape(rule).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, name) for name in names):
            found = lets_in
    return found


def check_image() -> None:
    """Make what the image would hold in an empty environment, start it, and ask how it is."""
    with ExitStack() as cleanup:
        made = tempfile.TemporaryDirectory(prefix="bizsecure-image-", ignore_cleanup_errors=True)
        folder = Path(cleanup.enter_context(made))
        site, state = folder / "site", folder / "state"
        copy_context(site)
        python = str(_install(folder / "packages", site))
        _compare_with_the_lock(python)
        run_steps(site, python)
        _check_what_is_missing(site, python)
        state.mkdir()
        environment = {
            **_told_by_compose(folder / "secrets"),
            **_of_this_machine(cleanup, state),
        }
        _run(compose()["services"]["migrate"]["command"], site, python, environment)
        check = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
        _run(check, site, python, environment)
        for which in ("web", "worker", "beat"):
            command = compose()["services"][which]["command"]
            command = [word.replace(STATE, str(state)) for word in command]
            cleanup.callback(_end, _start(command, site, python, environment))
        for which in ("web", "worker"):
            wait_until_well(site, python, environment, which)
        _wait_for_beat(state)


def _told_by_compose(secrets: Path) -> dict[str, str]:
    """Return what compose.yaml tells the web, with secrets as an operator has them at last."""
    write_secrets(secrets)
    for name in ("stripe_secret_key", "stripe_webhook_secret"):
        (secrets / name).chmod(0o600)
        (secrets / name).write_text(PRODUCTION[name.upper()])
    told = settings_of("web", secrets)
    # It names the machine of the database; here it is another one.
    del told["DATABASE_URL_FILE"]
    return told


def _of_this_machine(cleanup: ExitStack, state: Path) -> dict[str, str]:
    """Start a database and a broker, and return how they and the site are reached."""
    postgres = cleanup.enter_context(PrivatePostgres())
    redis = cleanup.enter_context(PrivateRedis())
    postgres.make_database("portal")
    return {
        "PATH": os.environ["PATH"],
        "SITE_URL": PRODUCTION["SITE_URL"],
        "ALLOWED_HOSTS": PRODUCTION["ALLOWED_HOSTS"],
        "POSTAL_ADDRESS": PRODUCTION["POSTAL_ADDRESS"],
        "STORAGE_LOCATION": PRODUCTION["STORAGE_LOCATION"],
        "DATABASE_URL": postgres.url("portal"),
        "REDIS_URL": redis.url,
        "NOTICE_JOURNAL": str(state / "journal"),
        "OPT_OUT_JOURNAL": str(state / "opt-outs"),
        "WEB_BIND": f"127.0.0.1:{free_port()}",
        "WEB_WORKERS": "1",
    }


def _install(packages: Path, site: Path) -> Path:
    """Install what the image installs, by the line of the Dockerfile."""
    subprocess.run([sys.executable, "-m", "venv", str(packages)], check=True)
    [line] = [text for word, text in stages()[0] if word == "RUN" and "pip install" in text]
    # In this order: what stands in for /opt/portal may itself lie below /tmp.
    line = line.replace("/tmp/", f"{site}/")  # noqa: S108  the Dockerfile's
    line = line.replace("/opt/portal", str(packages))
    subprocess.run(line, shell=True, check=True)  # noqa: S602  our own line
    return packages / "bin" / "python"


def _compare_with_the_lock(python: str) -> None:
    """Insist that what is installed is what is locked, to the version."""
    asked = [python, "-m", "pip", "list", "--format=json", "--exclude=pip", "--exclude=setuptools"]
    listed = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    installed = {plain(each["name"]): each["version"] for each in listed}
    locked = {name: version for name, (version, _extras) in pins(LOCK.name).items()}
    if installed != locked:
        differing = sorted(set(installed.items()) ^ set(locked.items()))
        raise SystemExit(f"The image differs from requirements.lock: {differing}")


def _check_what_is_missing(site: Path, python: str) -> None:
    for package in ("pytest", "honcho", "playwright", "tests", "bizsecure.local.start"):
        found = subprocess.run(
            [python, "-c", f"import {package}"], cwd=site, check=False, capture_output=True
        )
        if found.returncode == 0:
            raise SystemExit(f"{package} has no place in the image.")


def _with(python: str, command: list[str]) -> list[str]:
    return [
        python if word == "python" else word.replace("python ", f"{python} ") for word in command
    ]


def _run(command: list[str], site: Path, python: str, environment: Mapping[str, str]) -> None:
    subprocess.run(_with(python, command), cwd=site, env=environment, check=True)


def _start(
    command: list[str], site: Path, python: str, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_with(python, command), cwd=site, env=environment)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _wait_for_beat(state: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(state.glob("celerybeat-schedule*")):
        if time.monotonic() > deadline:
            raise SystemExit("beat writes no file.")
        time.sleep(1)
    print("beat is well.", flush=True)


if __name__ == "__main__":
    check_image()
