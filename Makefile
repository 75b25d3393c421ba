# Two commands on a fresh machine: `make risk-curves` and `make test`. Each sets up what it needs.

VENV ?= .venv
BIN := $(VENV)/bin
# PYTHON=/path/to/python3.11 picks the interpreter; otherwise 3.11 is looked for, then 3.12.
PYTHON ?=
PYTHON_VERSIONS ?= 3.11 3.12
export PYTHON

SWEEP := experiments/fragile_peace_lab/sweeps/legitimate_targets.yaml
RESULTS := results/legitimate_targets
PYTEST_ARGS ?=
BENCH_ARGS ?=
BOUNDS_CACHE := $(CURDIR)/.numba_cache/boundscheck
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup setup-dev risk-curves reproduce notebooks site test lint format boundscheck coverage verify-games baseline bench soak lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv with what the model and the sweeps need
	@.ci/venv $(VENV) requirements.lock $(PYTHON_VERSIONS)

setup-dev: ## make .venv with everything: tests, dashboard, cluster, notebooks
	@.ci/venv $(VENV) requirements-dev.lock $(PYTHON_VERSIONS)

risk-curves: setup ## run the default sweep and write its figures and report
	$(BIN)/fragile-peace sweep $(SWEEP) --resume
	$(BIN)/fragile-peace curves $(RESULTS)
	$(BIN)/fragile-peace report $(RESULTS)

reproduce: setup-dev ## make every published number again, compare, and say PASS or FAIL
	@$(BIN)/fragile-peace reproduce

notebooks: setup-dev ## execute the notebooks from their text and keep the outputs
	@$(BIN)/fragile-peace notebooks

site: setup-dev ## build the pages as a site into build/site; warnings are errors, and nothing is fetched
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "open build/site/index.html, or with search: $(BIN)/python -m http.server --directory build/site"

test: setup-dev ## run the test suite (PYTEST_ARGS="-k philox" narrows it)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup-dev ## check style, format, strict types and the import layers
	@status=0; for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-cache"; do \
		echo "$$check"; $(BIN)/$$check || status=1; \
	done; exit $$status

format: setup-dev ## rewrite the sources in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

boundscheck: setup-dev ## run the kernels with array bounds checked, in a cache of their own
	@NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR="$(BOUNDS_CACHE)" FRAGILE_PEACE_CACHE="$(BOUNDS_CACHE)" \
		$(BIN)/python -m pytest -m boundscheck $(PYTEST_ARGS)

coverage: setup-dev ## say how much of the kernels' Python the runs of tests/tools/plain_runs.py lead through, JIT off
	@mkdir -p build
	@$(BIN)/python -m tests.tools.plain_runs >build/compiled.json
	@NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m tests.tools.plain_runs >build/plain.json
	@cmp build/compiled.json build/plain.json && echo "plain Python came to the same bits as the compiled code"
	@$(BIN)/coverage report

verify-games: setup-dev ## check every game against Gambit over random parameter sets and print the worst
	$(BIN)/python -m tests.tools.verify_games

baseline: setup-dev ## rewrite the regression baseline (only in a commit that says the numbers change)
	$(BIN)/python -m tests.tools.write_baseline

bench: setup-dev ## measure what the model costs (BENCH_ARGS=--write puts the tables into docs/performance.md)
	$(BIN)/python -m benchmarks.bench $(BENCH_ARGS)

soak: setup-dev ## a million weeks of random worlds, the compensators of 10^5 runs, a hundred killed sweeps
	$(BIN)/python -m benchmarks.soak

lock: ## solve both locks again within constraints.txt (needs uv)
	@command -v uv >/dev/null || { echo "error: make lock needs uv (pip install uv)" >&2; exit 1; }
	$(COMPILE) pyproject.toml --constraints constraints.txt --output-file requirements.lock
	printf 'setuptools>=77\n' | $(COMPILE) - --output-file requirements-build.lock
	$(COMPILE) pyproject.toml --all-extras --constraints constraints.txt --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove caches and build leftovers; environments and results stay
	rm -rf build dist *.egg-info */*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .numba_cache
	find model experiments tests benchmarks notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
