# Needs only make and Python 3.11 or later. Everything is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= 2
ARGS ?=

.PHONY: help demo test test-contract check format docs shipped gallery wheel bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## two vendors' bulk calls, end to end over real HTTP
	@$(BIN)/mockserver demo $(ARGS)

test: $(VENV)/.test  ## the test suite
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

test-contract: $(VENV)/.contract  ## Schemathesis against what we serve, all its checks (extra `contract`; ten minutes)
	@$(BIN)/python -m tests.schemathesis $(ARGS)

check: $(VENV)/.dev  ## lint, format, types, imports between rooms, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd examples/pictures && $(abspath $(BIN))/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(VENV)/.dev  ## write what `make check` asks of the layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test  ## docs/gallery.md and the tables of docs/vendors.md
	$(BIN)/python -m tests.docs.vendor_tables
	$(BIN)/python -m tests.docs.gallery_page

shipped: $(VENV)/.test  ## mockserver/shipped.json: what reading specs/ and fixtures/ gives
	$(BIN)/python -m tests.shipped_values

gallery: $(VENV)/.test  ## the golden texts of the gallery of failures, and its page
	MOCKSERVER_WRITE_GALLERY=1 $(BIN)/python -m pytest -q tests/pytest/gallery
	$(BIN)/python -m tests.docs.gallery_page

wheel: $(VENV)/.dev  ## dist/*.whl
	rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist .

bench: $(VENV)/.bench  ## speed, start-up and what a test costs, as tables in benchmarks/results.md
	$(BIN)/python -m benchmarks.bulk_run
	$(BIN)/python -m benchmarks.start_up
	$(BIN)/python -m benchmarks.deliveries
	$(BIN)/python -m benchmarks.pytest_cost

clean:  ## remove what the other targets made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis examples/*/.mypy_cache examples/*/.pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# A stamp says what is installed; it is out of date when pyproject.toml changes.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	@echo 'installing pytest-httpserver, which pytest_cost is measured against, and an SDK as the client of both'
	$(PIP) --editable '.[bench]'
	@touch $@ $(VENV)/.demo

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.contract: pyproject.toml | $(BIN)/python
	@echo 'installing schemathesis'
	$(PIP) --editable '.[contract]'
	@touch $@ $(VENV)/.test $(VENV)/.demo

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.test $(VENV)/.demo
