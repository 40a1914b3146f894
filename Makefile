# Needs python3 (3.11 or later, with venv) and make. These targets install everything else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# The demo and the tests start dozens of processes, which start faster from cached bytecode.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check format bench clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'

# --inexact keeps uv, which is not one of the project's dependencies.
$(VENV)/.synced: pyproject.toml uv.lock | $(BIN)/python $(if $(findstring $(BIN),$(UV)),$(BIN)/uv)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) sync --locked --inexact --all-extras --compile-bytecode --quiet
	@touch $@

demo: $(VENV)/.synced  ## Start the mock departments and the hub; CHECK=1 checks the responses and stops
	@$(BIN)/hub demo $(if $(CHECK),--check)

test: $(VENV)/.synced  ## Run the fast tests
	$(BIN)/pytest -q -n 2 --dist worksteal -m 'not slow' $(ARGS)

test-all: $(VENV)/.synced  ## Run all tests, including chaos, the demo, overload and 5,000 generated operations
	$(BIN)/pytest -q -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.synced  ## Check format, lint, types, imports, the schema's contract and the Docker files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hub schema check
	$(BIN)/hadolint Dockerfile
	$(BIN)/docker-compose config --quiet

format: $(VENV)/.synced  ## Correct format and lint problems in place
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.synced  ## Measure the performance; QUICK=1 takes under two minutes
	$(BIN)/python -m tests.benchmarks $(if $(QUICK),--quick)

clean:  ## Remove everything that these targets created
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
