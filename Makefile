# Isentrope: the commands. `make demo` and `make test` install what they need into .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := $(VENV)/node
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup dev demo test matrix mutate peers test-emulator check bench soak compare docs validation clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 15

# The stamps make both installs idempotent: they run again only when the dependencies change.
$(VENV)/.run-stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "isentrope needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) --version 2>&1); try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once; takes a minute or two)"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev-stamp: $(VENV)/.run-stamp
	@echo "installing the development packages into $(VENV) (once)"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(VENV)/.run-stamp  ## make .venv with what running needs

dev: $(VENV)/.dev-stamp  ## and with what tests, checks and benchmarks need

demo: setup  ## two simulated hours: the firmware on MicroPython against the simulated heat pump
	@$(BIN)/isentrope run demo

test: dev  ## every test that needs pip packages only
	@$(BIN)/python -m pytest -n auto --dist worksteal

peers: dev  ## tests against programs from outside pip (installs chromium, socat, mbpoll, npm, mosquitto with apt where they are missing)
	@missing=""; for tool in chromium socat mbpoll npm mosquitto; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	command -v mosquitto_sub >/dev/null || missing="$$missing mosquitto-clients"; \
	if [ -n "$$missing" ]; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	  else echo "not run where it needs$$missing: install with your package manager, then make peers" >&2; fi; fi
	@if command -v npm >/dev/null; then \
	  test -d $(NODE)/node_modules/modbus-serial || npm install --silent --no-audit --no-fund --prefix $(NODE) modbus-serial@8; \
	  test -d $(NODE)/node_modules/@bacnet-js || npm install --silent --no-audit --no-fund --prefix $(NODE) @bacnet-js/client@3.3.2; \
	else echo "not run where it needs modbus-serial or @bacnet-js/client: install npm, then make peers" >&2; fi
	@$(BIN)/python -m pytest tests/system/test_peers.py tests/system/test_peers_modbus.py tests/system/test_bacnet_on_unix.py \
	  tests/firmware/test_on_mqtt_peers.py

test-emulator: dev  ## tests on the emulated Pico, of an image that you give: ISENTROPE_UF2=FILE.uf2 make test-emulator
	@$(BIN)/python -m pytest tests/emulator

check: dev  ## format, lint, types, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python tests/firmware/typecheck.py
	@$(MAKE) --no-print-directory test

bench: dev  ## speed and memory, as ratios measured in one run
	@$(BIN)/python -m isentrope_hil.benchmark

docs: dev  ## the pages and diagrams of docs/ that are made from boards, valves and the firmware's tables
	@$(BIN)/python -m isentrope_hil.boarddocs
	@$(BIN)/python -m isentrope_hil.firmwaredocs
	@$(BIN)/python -m isentrope_hil.bacnetdocs

soak: dev  ## thirty simulated days on MicroPython: heap, timers, integrators (45 min of a free core)
	@$(BIN)/isentrope soak --days 30

matrix: dev  ## every fault in every mode, judged: docs/fault-matrix.md and its picture (resumes; ARGS=--jobs 2)
	@$(BIN)/isentrope matrix --page docs/fault-matrix.md --plot docs/fault-matrix.png $(ARGS)

mutate: dev  ## defects seeded into the firmware: docs/mutation.md says which are noticed (resumes; ARGS=--jobs 2)
	@$(BIN)/isentrope mutate --page docs/mutation.md $(ARGS)

validation: dev  ## docs/validation.md and its plots, measured again (a minute a machine)
	@$(BIN)/isentrope validate --out docs/validation.md

compare: dev  ## our valve law beside four peers', tables and runs/compare/comparison.svg (ARGS=--tune retunes them all)
	@mkdir -p runs/compare
	@$(BIN)/isentrope compare --plot runs/compare/comparison.svg $(ARGS)

clean:  ## remove what building and running leave behind (not .venv, not runs/)
	@rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .stubs
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
