# Everything sets itself up. STACK=local (the default) works on the lab on this machine; any other stack
# works on the cluster that its stack file names, with the Pulumi that is installed here.
SHELL := bash
.SHELLFLAGS := -o pipefail -ec
STACK ?= local
SECONDS ?= 300
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
INSTALLED := $(VENV)/installed
LAB := $(RUN)/python -m lab

.PHONY: help up down clean shell test lab lab-full fuzz bench
help: ## tell what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: $(INSTALLED) ## set everything up and deploy STACK (default: local, on the lab)
ifeq ($(STACK),local)
	@$(LAB) up
else
	@command -v pulumi >/dev/null || { echo "error: pulumi is not on PATH. Stack $(STACK) is deployed with your own Pulumi: https://www.pulumi.com/docs/install" >&2; exit 1; }
	PATH="$(CURDIR)/$(RUN):$$PATH" pulumi up --stack $(STACK)
endif

down: $(INSTALLED) ## stop everything that `make up` has started; the lab's cluster is kept
	@$(LAB) stop

clean: $(INSTALLED) ## the same, and delete the lab's cluster and state
	@$(LAB) clean

shell: $(INSTALLED) ## a shell in which pulumi, kubectl and dig work on the lab
	@$(LAB) shell

lab: $(INSTALLED) ## build the lab's programs into the user's cache (once, about 15 minutes)
	@$(LAB) build

lab-full: $(INSTALLED) ## the same, and the programs that only some tests use (about 8 minutes more)
	@$(LAB) build --full

test: $(INSTALLED) ## all checks and tests; what needs the lab's programs is skipped without them
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy .
	$(RUN)/lint-imports --no-logo
	$(RUN)/pytest

fuzz: $(INSTALLED) ## compare the Corefile parser with real CoreDNS on random texts for SECONDS (default: 300)
	@$(RUN)/python -m tests.dns.corefile.fuzz $(SECONDS)

bench: $(INSTALLED) ## measure that an edit's cost grows with the Corefile and not faster
	@$(RUN)/python -m benchmarks.corefile

$(INSTALLED): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; name it with make PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing the Python packages into $(VENV) (about half a minute)."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN)/pip install --disable-pip-version-check --progress-bar off -r requirements-dev.txt | sed -nu 's/^Collecting \([^ ]*\).*/  \1/p'
	@touch $@
