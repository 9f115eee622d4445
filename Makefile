# Footnote's commands. `make help` lists them; each is explained where it is defined.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
RUN := $(VENV)/bin/python
LOCKED := --quiet --require-hashes
HANDBOOK := corpus
EVAL_INDEX := .footnote/eval-index
# Of its own, because what it compares with brings packages that nothing else here may lean on.
BENCH_VENV := .venv-bench
BENCH_INDEX := .footnote/bench-index
HANDBOOK_QUESTIONS := evals/questions/handbook.jsonl
export QUESTIONS ?= $(HANDBOOK_QUESTIONS)

# The first interpreter on PATH that will do, found by asking: version managers leave commands there
# that answer with nothing but an error, and Debian's Python has venv only by a package of its own.
SUITABLE := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
NO_PYTHON = Footnote needs Python 3.11 to 3.14 with venv (Debian: apt-get install python3-venv); \
	$(or $(PYTHON),PATH) has none. Name another: make setup PYTHON=path/to/python3

##@ Use

.PHONY: serve
serve: $(VENV)/.runtime-stamp ## Start the assistant on http://127.0.0.1:8000 (HOST=… PORT=…).
	@# Where the handbook is indexed now, its own questions tell how good evidence has to be.
	@made=$$($(RUN) -m ingest $(HANDBOOK) --if-missing --json); [ -z "$$made" ] || { \
		echo "Indexed the handbook."; $(RUN) -m evals calibrate $(HANDBOOK_QUESTIONS); }
	@# Ctrl-C is how a server is stopped, so it is no error of this target's.
	@trap : INT; $(RUN) -m server || { code=$$?; [ $$code -eq 130 ] || exit $$code; }

.PHONY: ingest
ingest: docs-given $(VENV)/.runtime-stamp ## Index your docs: DOCS=path/to/docs [BASE_URL=… CHECK=1 REBUILD=1 INDEX_DIR=…].
	@$(RUN) -m ingest "$$DOCS" $(if $(BASE_URL),--base-url "$$BASE_URL") \
		$(if $(CHECK),--check) $(if $(REBUILD),--rebuild)

.PHONY: eval
eval: questions-given $(VENV)/.runtime-stamp ## Measure the answers: [QUESTIONS=… DOCS=… RESULTS=… BASELINE=… GATES=… RECORD=… HTML=…].
	@# An index of its own, on a Qdrant server too: measuring must not change what readers see.
	@export QDRANT_COLLECTION=footnote-eval; \
	$(RUN) -m ingest "$${DOCS:-$(HANDBOOK)}" --index $(EVAL_INDEX) $(if $(REBUILD),--rebuild); \
	$(RUN) -m evals calibrate "$$QUESTIONS" --index $(EVAL_INDEX); \
	$(RUN) -m evals "$$QUESTIONS" --index $(EVAL_INDEX) $(if $(RESULTS),--results "$$RESULTS") \
		$(if $(BASELINE),--baseline "$$BASELINE") $(if $(GATES),--gates "$$GATES") \
		$(if $(RECORD),--record "$$RECORD") $(if $(HTML),--html "$$HTML")

.PHONY: bench
bench: $(BENCH_VENV)/.bench-stamp ## Time ingest, search and serving beside others: [DOCS=… QUESTIONS=… PARTS=… JSON=…].
	@$(BENCH_VENV)/bin/python -m ingest "$${DOCS:-$(HANDBOOK)}" --index $(BENCH_INDEX); \
	$(BENCH_VENV)/bin/python -m evals.bench "$${DOCS:-$(HANDBOOK)}" --index $(BENCH_INDEX) \
		--questions "$$QUESTIONS" $(PARTS:%=--part %) $(if $(JSON),--json "$$JSON")

##@ Develop

.PHONY: setup
setup: $(VENV)/.runtime-stamp ## Make .venv from requirements.lock (done by the other targets too).

.PHONY: test
test: $(VENV)/.dev-stamp ## Run the tests; ARGS=… goes to pytest.
	@# Also where containers forbid it, bytecode is kept: many processes import the same modules.
	@PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -n auto --dist loadfile $(ARGS)

.PHONY: test-browser
test-browser: $(VENV)/.dev-stamp ## Run the tests that drive a real Chromium (/usr/bin/chromium).
	@$(RUN) -m pytest -m browser $(ARGS)

.PHONY: check
check: $(VENV)/.dev-stamp ## Check format, lint, types and the direction of imports.
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports

.PHONY: format
format: $(VENV)/.dev-stamp ## Format the code and mend what lint can mend.
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: lock
lock: ## Write the lock files again from pyproject.toml (needs uv); UPGRADE=1 takes new releases.
	@$(if $(shell uv --version 2>/dev/null),,$(error make lock needs uv: install it and run this again))
	@$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.lock
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev -c requirements.lock -o requirements-dev.lock
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group bench -c requirements-dev.lock -o requirements-bench.lock

.PHONY: clean
clean: ## Remove environments and caches; .footnote, your index and conversations, stays.
	@rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Before the environment is made, so that a forgotten DOCS is told at once.
.PHONY: docs-given
docs-given:
	@$(if $(DOCS),:,$(error Say which folder: make ingest DOCS=path/to/docs))

# Before docs are indexed for them.
.PHONY: questions-given
questions-given:
	@[ -r "$$QUESTIONS" ] || { echo "error: $$QUESTIONS: there is no such question set" >&2; exit 2; }

# uv, where there is one, does in seconds what pip does in a minute. Its failure is no verdict: pip
# may have a configuration of its own for reaching packages.
define install
	@echo "Installing $(1) into $(@D) …" >&2
	@{ uv --version >/dev/null 2>&1 && uv pip install $(LOCKED) --python $(@D)/bin/python -r $(1); } \
		|| $(@D)/bin/python -m pip install --disable-pip-version-check $(LOCKED) -r $(1)
	@touch $@
endef

$(VENV)/.runtime-stamp: requirements.lock
	@$(RUN) -c 'import pip; $(SUITABLE)' 2>/dev/null || \
		$(if $(and $(PYTHON),$(shell $(PYTHON) -c '$(SUITABLE)' 2>/dev/null && echo yes)),,$(error $(NO_PYTHON))) \
		$(PYTHON) -m venv --clear $(VENV)
	$(call install,requirements.lock)

$(VENV)/.dev-stamp: requirements-dev.lock $(VENV)/.runtime-stamp
	$(call install,requirements-dev.lock)

# Copied, not linked: NLTK, which LlamaIndex brings, refuses a file that has another name too.
$(BENCH_VENV)/.bench-stamp: export UV_LINK_MODE := copy
$(BENCH_VENV)/.bench-stamp: requirements-bench.lock
	@$(MAKE) --no-print-directory VENV=$(BENCH_VENV) setup
	$(call install,requirements-bench.lock)
