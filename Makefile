# Onrecord's commands. `make demo` and `make test` set up all they need in .venv, from the locks in
# requirements/, and are cheap to run again. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
PEERS ?= .venv-peers
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := $(VENV)/bin
LOCKS := $(addprefix requirements/,run.txt postgres.txt build.txt test.txt)
PYTEST := $(BIN)/python -m pytest -n auto
SET_UP := $(PYTHON) requirements/environment.py $(VENV)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test test-all test-system fuzz lint format lock bench bench-peers clean python

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/run.stamp ## serve the founding story (PORT=8000 HOST=127.0.0.1)
	$(BIN)/onrecord demo --host $(HOST) --port $(PORT)

test: lint ## lint, then every test that pip alone can serve (under five minutes)
	$(PYTEST) -m "not needs_system and not long_run"

fuzz: $(VENV)/test.stamp ## random calls in every role, many processes at once, for many minutes
	$(PYTEST) -m long_run

test-all: test test-system ## also the tests that need Debian or npm packages; fails when one is absent

test-system: export ONRECORD_TEST_ALL = 1
test-system: $(VENV)/test.stamp ## only the tests that need Debian or npm packages
	$(PYTEST) -m needs_system

lint: $(VENV)/test.stamp ## style, types, imports, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile

format: $(VENV)/test.stamp ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test.stamp ## measure (benchmarks/)
	$(BIN)/python -m benchmarks

bench-peers: $(PEERS)/peers.stamp ## measure others on the same stream (an environment of its own)
	$(PEERS)/bin/python -m benchmarks.peers

lock: ## resolve the locks anew (needs uv); UPGRADE=--upgrade takes the newest releases
	VENV=$(VENV) UPGRADE=$(UPGRADE) requirements/lock

clean: ## remove what the other targets made
	rm -rf $(VENV) $(PEERS) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v $(PYTHON) >/dev/null || { echo "Onrecord needs Python 3.11 or newer, and there \
	is no $(PYTHON) here. On Debian and Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; }

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml | python
	$(SET_UP) requirements/run.txt requirements/build.txt
	@touch $@

$(PEERS)/peers.stamp: requirements/peers.txt requirements/build.txt pyproject.toml | python
	$(PYTHON) requirements/environment.py $(PEERS) requirements/peers.txt requirements/build.txt
	@touch $@

$(VENV)/test.stamp: requirements/test.txt pyproject.toml | python
	$(SET_UP) requirements/test.txt
	@touch $@ $(VENV)/run.stamp
