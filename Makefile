# The commands of this project, on a machine that has Python 3.11 or newer and nothing else.

PYTHON ?= python3
PORT ?= 8000
SEED ?= 1
RUNS ?= 20
REQUESTS ?= 100000

VENV := .venv
BIN := $(VENV)/bin
# What looks after the pins needs much that the site does not: it lives apart from it.
TOOLS := $(VENV)/tools

.DEFAULT_GOAL := help
.PHONY: help run code test hear fuzz audit sbom lock chaos restore-drill previous-release-test image-check \
  bench bench-quick bench-pages screenshots format messages bench-load bench-visits \
  bench-verify

help: ## Show this list
	@echo 'make COMMAND, where COMMAND is one of:'
	@sed -n 's/^\([a-z-]*\):.*## /  \1: /p' $(MAKEFILE_LIST)

run: $(VENV)/run.installed ## Start the whole portal on this machine [PORT=8000]; Ctrl-C ends it
	@$(BIN)/python -m bizsecure.local.start --port $(PORT)

code: $(VENV)/run.installed ## Print the code that the demonstration's staff sign in with
	@$(BIN)/python manage.py demo_code

test: $(VENV)/test.installed ## Check everything: style, types, contracts, all tests on both databases
	@$(BIN)/python -m tests.run

hear: $(VENV)/test.installed ## Feed ten thousand strange mails to the portal; all are to be kept and handled
	@$(BIN)/python -m pytest --quiet tests/notifications/test_any_mail.py --mails 10000

fuzz: $(VENV)/test.installed ## Send what nobody would to every page and form [REQUESTS=100000]
	@$(BIN)/python -m pytest --quiet --numprocesses 2 tests/pages/test_fuzz.py --requests $(REQUESTS)

lock: $(VENV)/tools.installed ## Write requirements.lock: what the site needs, with the hashes of every file
	@$(BIN)/python -m bizsecure.local.lock --compiler $(TOOLS)/bin/pip-compile

audit: $(VENV)/tools.installed ## Ask whether a weakness is known of anything the site is made of
	@$(TOOLS)/bin/pip-audit --requirement requirements.lock --disable-pip --require-hashes --strict

sbom: $(VENV)/tools.installed ## Write var/sbom.json: what the site is made of, as CycloneDX
	@mkdir -p var && $(TOOLS)/bin/cyclonedx-py requirements requirements.lock --output-reproducible \
	  --output-format JSON --output-file var/sbom.json && echo 'Written to var/sbom.json'

chaos: $(VENV)/test.installed ## Disturb the notice job and prove that nobody was lost [SEED=1 RUNS=20]
	@$(BIN)/python -m tests.chaos --seed $(SEED) --runs $(RUNS)

restore-drill: $(VENV)/test.installed ## Dump, destroy and restore both databases; no no may be lost
	@$(BIN)/python -m tests.run drill-sqlite drill-postgres

previous-release-test: $(VENV)/test.installed ## Run the last release's own tests on the schema of this one
	@$(BIN)/python -m tests.releases

image-check: $(VENV)/test.installed ## Do in an empty environment what the Dockerfile does, and start it
	@$(BIN)/python -m tests.deploy.image

screenshots: $(VENV)/test.installed ## Take the pictures of README and docs anew, of the demonstration as it is
	@$(BIN)/python -m pytest --quiet --numprocesses 0 tests/journeys/pictures.py

bench: $(VENV)/test.installed ## Measure what a million customers cost, and write docs/performance.md
	@$(BIN)/python -m benchmarks.everything

bench-quick: $(VENV)/test.installed ## Measure the same with few customers, in under two minutes
	@$(BIN)/python -m benchmarks.everything --quick

bench-load: $(VENV)/test.installed ## Measure pages under load while a delivery goes on
	@$(BIN)/python -m benchmarks.load

bench-visits: $(VENV)/test.installed ## Measure what it costs a page to be counted, in microseconds
	@$(BIN)/python -m benchmarks.visits

bench-verify: $(VENV)/test.installed ## Measure how long checking a million rows of ledgers takes
	@$(BIN)/python -m benchmarks.verifying

bench-pages: $(VENV)/test.installed ## Measure pages with many customers and many rows of their logs
	@$(BIN)/python -m benchmarks.pages

messages: $(VENV)/run.installed ## Bring the translations up to date with the code, and say what is left to translate
	@$(BIN)/python manage.py messages

format: $(VENV)/test.installed ## Lay out the code and mend what can be mended without thinking
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

$(VENV)/run.installed: requirements.txt requirements-run.txt constraints.txt | $(BIN)/pip
$(VENV)/test.installed: requirements.txt requirements-run.txt requirements-test.txt constraints.txt | $(BIN)/pip
$(VENV)/%.installed:
	@echo '==> Installing what requirements-$*.txt pins'
	@$(BIN)/python -m pip install --disable-pip-version-check \
	  --requirement requirements-$*.txt --constraint constraints.txt
	@$(BIN)/python -m bizsecure.typeface
	@touch $@

$(VENV)/tools.installed: requirements-tools.txt | $(BIN)/pip
	@echo '==> Installing what looks after the pins'
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --disable-pip-version-check --quiet --requirement $<
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'The portal needs Python 3.11 or newer, and "$(PYTHON)" is none. If you have one under' \
	    'another name, say so: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@echo '==> Making a virtual environment in $(VENV)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
