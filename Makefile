# What people and CI call; `make help` lists it. How functions and layers are built: build.mk.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
VENV_RUNTIME := .venv-runtime
VENV_SAM := .venv-sam
BIN := $(VENV)/bin
REGION := eu-west-1

include build.mk

# SAM starts make itself (build.mk), which must not take over this make's flags. Nothing is reported to anybody.
SAM := env -u MAKEFLAGS -u MAKELEVEL SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$(REGION) $(VENV_SAM)/bin/sam

# The locks are complete, so nothing has to be resolved; pip 23 cannot resolve extras in hash-checking mode.
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes

.PHONY: help setup setup-dev setup-sam build build-host demo test check lint types imports templates workflows sam chaos bench lock permissions \
  policies clean

help:  ## list what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- environments ----------------------------------------------------------------------------------------------------
setup: $(VENV)/.local $(VENV_RUNTIME)/.installed  ## .venv with the `avm` command, and the functions' runtime
setup-dev: setup $(VENV)/.dev  ## … and what tests and checks need
setup-sam: $(VENV_SAM)/.installed  ## SAM CLI and AWS CLI, which pin a boto3 of their own

PYTHON ?= python3

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements/local.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python $(PIP_INSTALL) -r requirements/local.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.local
	$(BIN)/python $(PIP_INSTALL) -r requirements/dev.txt
	touch $@

# The same interpreter as .venv: the layer is built for it.
$(VENV_RUNTIME)/.installed: requirements/runtime.txt | $(VENV)/bin/python
	$(BIN)/python -m venv --clear $(VENV_RUNTIME)
	$(VENV_RUNTIME)/bin/python $(PIP_INSTALL) -r requirements/runtime.txt
	touch $@

$(VENV_SAM)/.installed: requirements/sam.txt | $(VENV)/bin/python
	$(BIN)/python -m venv --clear $(VENV_SAM)
	$(VENV_SAM)/bin/python $(PIP_INSTALL) -r requirements/sam.txt
	touch $@

NPM := $(shell command -v npm 2>/dev/null)

# asl-validator and iam-simulate are second opinions from outside; where there is no node, checks and tests say so.
node_modules/.package-lock.json: package-lock.json
	npm ci --silent --no-audit --no-fund --ignore-scripts
	touch $@

# ---- use -------------------------------------------------------------------------------------------------------------
demo:  ## set up, start the emulator, lay the foundation, vend an account, show it
	@start=$$(date +%s); $(MAKE) --no-print-directory setup build-host && \
	  echo "Set up in $$(($$(date +%s) - start)) s." && examples/demo.sh

build-host: setup  ## functions and layers for this machine, in .build/host

build: setup setup-sam  ## functions and layers for Lambda, in .aws-sam/build
	$(SAM) build

# ---- proofs ----------------------------------------------------------------------------------------------------------
test: setup-dev build-host  ## all tests; of the long walks a slice (WHOLE=1: to their end)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(if $(WHOLE),--whole)

check: lint types imports templates workflows sam  ## all static checks, and `sam build`

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

imports: setup-dev
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m pip check

templates: setup-dev
	$(BIN)/python -m pytest -q tests/template

workflows: setup-dev $(if $(NPM),node_modules/.package-lock.json)
	$(BIN)/python tests/workflow/asl_references.py
	$(if $(NPM),node tests/oracles/asl_validator.cjs statemachine/*.asl.json,\
	  @echo "SKIPPED asl-validator: npm is not installed.")

policies: setup-dev $(if $(NPM),node_modules/.package-lock.json)  ## decisions of policies and SCPs, with their figures
	$(BIN)/python -m pytest -q tests/policy

sam: setup-sam build
	$(SAM) validate --lint

# RUNS or SEED: only the chaos, with so many vends, or this seed. ONLY: one part of chaos, bursts, matrix, edges,
# permissions. Else everything. What was run whole is written into docs/reliability.md.
chaos: setup-dev build-host  ## the proofs, whole: every cell, chaos, every edge, permission, burst (RUNS=200 SEED=1)
	$(BIN)/python -m tests.faults $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

permissions: setup-dev build-host  ## what each role may do, and why: docs/permissions.md anew
	$(BIN)/python -m tests.permissions

bench: setup build-host  ## figures: start, time to ready
	$(BIN)/python -m benchmarks

# ---- upkeep ----------------------------------------------------------------------------------------------------------
# One lock after the other: each holds the versions of the one before. What is locked stays, unless UPGRADE=1.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  $(if $(UPGRADE),--upgrade)

lock:  ## write requirements/*.txt and package-lock.json anew; needs uv and npm
	$(LOCK) pyproject.toml -o requirements/layer.txt
	$(LOCK) pyproject.toml --extra local -c requirements/layer.txt -o requirements/local.txt
	$(LOCK) pyproject.toml --extra local --extra dev -c requirements/local.txt -o requirements/dev.txt
	$(LOCK) requirements/runtime.in -c requirements/layer.txt -o requirements/runtime.txt
	$(LOCK) requirements/sam.in -o requirements/sam.txt
	npm $(if $(UPGRADE),update,install) --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean:  ## remove everything that make made
	rm -rf .build .aws-sam node_modules $(VENV) $(VENV_RUNTIME) $(VENV_SAM) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
