# SPDX-License-Identifier: Apache-2.0
# Everything is bootstrapped from Python 3.11 (or newer) and make; only what changed is done again.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
STAMPS := $(VENV)/.stamps
TOOLS := $(wildcard requirements/*.py)
SPARK := benchmarks/.envs/spark
PEERS := $(filter-out $(SPARK)/.done,$(patsubst requirements/peers/%.txt,benchmarks/.envs/%/.done,$(wildcard requirements/peers/*.txt)))
PO := $(shell find src -name '*.po' 2>/dev/null)
CODE := src tests benchmarks requirements packages

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
# What was compiled is kept, whatever the machine says: the tests start some hundred processes of all of Datong.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help setup demo test test-spark check bench bench-setup lock clean python-here

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: $(STAMPS)/test $(STAMPS)/assets $(STAMPS)/messages ## everything for work on Datong, in .venv

demo: $(STAMPS)/runtime $(STAMPS)/assets $(STAMPS)/messages benchmarks/.envs/delta_sharing/.done ## one story with real data, then keep serving it
	$(BIN)/datong demo

test: setup ## all tests, those of a browser and of a MariaDB server included
	DATONG_CHROMIUM="$$($(RUN) requirements/browser.py)" DATONG_MARIADBD="$$($(RUN) requirements/mariadb.py)" $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

test-spark: setup ## the engine's tests against Apache Spark 4 itself, where there is Java 17 (fetches 450 MB once)
	@$(RUN) requirements/spark.py --java >/dev/null
	@$(MAKE) --no-print-directory $(SPARK)/.done
	$(RUN) requirements/spark.py $(SPARK) $(BIN)/pytest -q tests/engine tests/integration/deliveries/test_by_a_cluster.py

check: $(STAMPS)/test ## style, types, import contracts, the house's own inspection
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/mypy packages/datong-verify/src
	PYTHONPATH=tests/house $(BIN)/lint-imports
	$(BIN)/pytest -q tests/house -m "not django_db"

bench: setup ## each claim, beside its peers
	@for claim in benchmarks/*.py; do case $$claim in */_*) continue;; esac; $(RUN) $$claim --json || exit 1; done

bench-setup: setup $(PEERS) ## the peers of the benchmarks, each in an environment of its own

lock: $(STAMPS)/test ## compile the pins again; UPGRADE=1 takes newer versions
	$(RUN) requirements/lock.py $(if $(UPGRADE),--upgrade)

clean: ## take away all that make made (nodes stay)
	rm -rf $(VENV) node_modules .cache benchmarks/.envs src/datong/config/static/vendor .mypy_cache .ruff_cache \
		.pytest_cache .import_linter_cache .hypothesis .coverage*
	find src -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python-here:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: none was found. Name one: make PYTHON=/path/to/python3 setup" >&2; exit 1; }

$(STAMPS)/runtime: requirements/runtime.txt requirements/uv.txt pyproject.toml $(TOOLS) | python-here
	$(PYTHON) requirements/install.py $(VENV) requirements/runtime.txt --project .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements/test.txt requirements/uv.txt pyproject.toml $(TOOLS) | python-here
	$(PYTHON) requirements/install.py $(VENV) requirements/test.txt --exact --project .
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/runtime

$(STAMPS)/assets: package-lock.json package.json $(wildcard assets/*) requirements/assets.py requirements/node.txt | $(STAMPS)/runtime
	$(RUN) requirements/assets.py
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/messages: $(PO) | $(STAMPS)/runtime
	@for po in $(PO); do $(RUN) -m babel.messages.frontend -q compile -i $$po -o $${po%.po}.mo || exit 1; done
	@mkdir -p $(STAMPS) && touch $@

benchmarks/.envs/%/.done: requirements/peers/%.txt
	$(PYTHON) requirements/install.py benchmarks/.envs/$* $<
	@touch $@
