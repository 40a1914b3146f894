# A bare machine needs python3 (3.11 or later, with venv) and make; the rest is brought in here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# Dozens of processes start in the demo and the tests: without bytecode each compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check format bench clean

help:  ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'

# --inexact keeps the uv that was installed beside the project.
$(VENV)/.synced: pyproject.toml uv.lock | $(BIN)/python $(if $(findstring $(BIN),$(UV)),$(BIN)/uv)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) sync --locked --inexact --all-extras --compile-bytecode --quiet
	@touch $@

demo: $(VENV)/.synced  ## Start the mock departments and the hub; CHECK=1 compares and stops
	@$(BIN)/hub demo $(if $(CHECK),--check)

test: $(VENV)/.synced  ## Run the fast tests
	$(BIN)/pytest -q -n 2 --dist worksteal -m 'not slow' $(ARGS)

test-all: $(VENV)/.synced  ## Run every test: also chaos, the demo, overload, 5,000 generated operations
	$(BIN)/pytest -q -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.synced  ## Format, lint, types, direction of imports, the schema's contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hub schema check

format: $(VENV)/.synced  ## Rewrite the files as `make check` wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.synced  ## Measure the hot path; QUICK=1 in under two minutes
	$(BIN)/python -m tests.benchmarks $(if $(QUICK),--quick)

clean:  ## Remove what was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
