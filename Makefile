# Set-up and the common runs in one command each. Everything lives in .venv and is pinned by constraints.txt.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
CONFIG ?= config/demo.yaml
JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)

# The first Python that is new enough and can make a virtual environment.
FITS := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)

# The environment inherits nothing: no packages of the user, no search path of another environment, no --user installs.
export PYTHONNOUSERSITE := 1
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_TARGET

.DEFAULT_GOAL := help
.PHONY: help setup arm demo run test nightly test-jax screenshot lint doctor lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(INSTALLED) ## build .venv and install the project with everything it can use

$(INSTALLED): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c '$(FITS)' 2>/dev/null || { echo "proprionet needs Python 3.11, 3.12 or 3.13 with its" \
		"venv module: install one, or name one with make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the project and its libraries into $(VENV): about 3 GB, some minutes the first time"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

arm: $(INSTALLED) ## fetch the reference arm model into the user's cache, if it is not there
	@$(BIN)/proprionet fetch arm >/dev/null

demo: override CONFIG := config/demo.yaml
demo: run ## run config/demo.yaml from letters to results/demo/report.html

run: arm ## run the experiment of another file: make run CONFIG=config/x.yaml
	@name=$$($(BIN)/proprionet experiment '$(CONFIG)') && \
	$(BIN)/snakemake --cores $(JOBS) --configfile '$(CONFIG)' --quiet host reason && \
	echo "Report: results/$$name/report.html"

test: arm ## run the tests
	$(BIN)/pytest --numprocesses $(JOBS) --maxprocesses 8 --dist loadfile

# Trainings of an hour, held against the bounds that docs/ quotes; one thread each, as these were measured.
nightly: $(INSTALLED) ## run the slow tests of trained recurrent networks
	OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 $(BIN)/pytest --capture=no tests/nightly

# Small networks compile for longer than they run, so JAX is told to optimise less.
test-jax: $(INSTALLED) ## run the tests of networks on JAX in place of TensorFlow
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,jax]'
	KERAS_BACKEND=jax JAX_DISABLE_MOST_OPTIMIZATIONS=1 \
		$(BIN)/pytest tests/networks --numprocesses $(JOBS) --maxprocesses 8 --dist loadfile

# Chromium shows the top of a page: the sections above the one that is wanted are hidden in a copy.
screenshot: ## take docs/report.png from the report of the demo (needs Chromium)
	sed 's@</head>@<style>section:not(#movements), nav, \#headlines, \#headlines + * {display: none}</style></head>@' \
		results/demo/report.html > results/demo/.part.html
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir=$$(mktemp -d) \
		--window-size=900,1590 --screenshot=docs/report.png 'file://$(CURDIR)/results/demo/.part.html'
	rm results/demo/.part.html

lint: $(INSTALLED) ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --pythonpath $(BIN)/python

doctor: $(INSTALLED) ## say what works on this machine and what to do about the rest
	@$(BIN)/proprionet doctor

# Resolves for every supported Python at once. Pins that still fit stay; delete constraints.txt first to renew them all.
lock: ## pin every dependency of pyproject.toml in constraints.txt
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra jax --extra umap --no-annotate --no-config \
		--custom-compile-command 'make lock  # delete this file first to renew every pin' --output-file constraints.txt pyproject.toml

clean: ## remove .venv, caches and build files (results stay)
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis
