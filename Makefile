# Needs only make and Python 3.11 or later. Everything is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= 2
ARGS ?=

.PHONY: help demo test check format docs wheel bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## two vendors' bulk calls, end to end over real HTTP
	@$(BIN)/mockserver demo $(ARGS)

test: $(VENV)/.test  ## the test suite
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(VENV)/.dev  ## lint, format, types, imports between rooms, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(VENV)/.dev  ## write what `make check` asks of the layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.demo  ## the tables of docs/vendors.md, from the specs
	$(BIN)/python -m tests.docs.vendor_tables

wheel: $(VENV)/.dev  ## dist/*.whl
	rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist .

bench: $(VENV)/.demo  ## speed and start-up, as tables in benchmarks/results.md
	$(BIN)/python -m benchmarks.bulk_run
	$(BIN)/python -m benchmarks.start_up
	$(BIN)/python -m benchmarks.deliveries

clean:  ## remove what the other targets made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# A stamp says what is installed; it is out of date when pyproject.toml changes.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.test $(VENV)/.demo
