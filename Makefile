# Everything sets itself up. STACK=local (the default) works on the lab on this machine; any other stack
# works on the cluster that its stack file names, with the Pulumi that is installed here.
SHELL := bash
.SHELLFLAGS := -o pipefail -ec
# What the shell has exported for something else must not decide which cluster is worked on.
ifneq ($(and $(filter environment,$(origin STACK)),$(filter-out local,$(STACK)),$(filter up verify check try preview preflight status rights new,$(MAKECMDGOALS))),)
$(error STACK=$(STACK) is exported in your shell, and this Makefile takes no stack from there. For that stack, \
run `make $(MAKECMDGOALS) STACK=$(STACK)`; for the lab on this machine, `make $(MAKECMDGOALS) STACK=local`)
endif
STACK := $(or $(STACK),local)
STRATEGY ?= dnsmasq
SECONDS ?= 300
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
INSTALLED := $(VENV)/installed
TESTS := $(VENV)/installed-tests
AUDIT := .venv-audit
DOCS := .venv-docs
LAB := $(RUN)/python -m lab
# The tests on the lab wait a third of their time: five of them keep two cores busy. Each has a cluster of 1 GB.
AT_ONCE = --numprocesses $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n > 3 ? 8 : n * 5 / 2))) --dist loadscope
# Two steps, since `eval` forgets that what is in it has failed, and the user's own cluster would be worked on.
IN_LAB = e="$$($(LAB) env)" && eval "$$e"
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/protobox-cd
SERVER := $(CACHE)/yaml-language-server
GALLERY := $(CACHE)/note-gallery

# Where this is set, every start of Python compiles all of Pulumi anew: 2 s instead of 0.7 s, four times for
# one `pulumi up`. Empty means not set.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help up down clean shell verify demo status check try preview preflight rights forget kubespray nodes upgrade bundle new schema lock docs \
  pictures note-gallery note-browser audit lint unit test lab lab-full sources language-server fuzz effects \
  recover chaos bench release
help: ## tell what there is
	@echo "For users. STACK=prod is a stack of yours; without it, STACK=local is the lab on this machine."
	@awk -F ':.* ## ' '/^[a-z-]+:.* ## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo; echo "For maintainers; CONTRIBUTING.md says more."
	@awk -F ':.* ### ' '/^[a-z-]+:.* ### / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

up: $(INSTALLED) ## set everything up and deploy STACK (default: local, on the lab)
ifeq ($(STACK),local)
	@$(LAB) up
else
	@command -v pulumi >/dev/null || { echo "error: pulumi is not on PATH. Stack $(STACK) is deployed with your own Pulumi: https://www.pulumi.com/docs/install" >&2; exit 1; }
	@$(RUN)/python -m tools.which_cluster $(STACK)
	eval "$$($(RUN)/python -m tools.checkpoints $(STACK))"; PATH="$(CURDIR)/$(RUN):$$PATH" pulumi up --stack $(STACK)
	@$(RUN)/python -m tools.status $(STACK) || true
endif

down: $(INSTALLED) ## stop everything that `make up` has started; the lab's cluster is kept
	@$(LAB) stop

clean: $(INSTALLED) ## the same, and delete the lab's cluster and state
	@$(LAB) clean

shell: $(INSTALLED) ## a shell in which pulumi and kubectl work on the lab
	@$(LAB) shell

demo: $(INSTALLED) ## the page's failure and its cure with the real Argo CD, by STRATEGY; PAUSE=1 lets you look
	@$(LAB) demo --strategy $(STRATEGY) $(if $(PAUSE),--pause)

verify: $(INSTALLED) ## prove once more, from the pod that dials Git, that the names of STACK resolve
ifeq ($(STACK),local)
	@$(IN_LAB) && pulumi stack output verification --stack local | $(RUN)/python -m components.dns.proof
else
	@pulumi stack output verification --stack $(STACK) | $(RUN)/python -m components.dns.proof
endif

status: $(INSTALLED) ## show what has become of STACK: Applications, DNS layers, Argo CD; ARGS="--format json"
ifeq ($(STACK),local)
	@$(IN_LAB) && $(RUN)/python -m tools.status local $(ARGS)
else
	@$(RUN)/python -m tools.status $(STACK) $(ARGS)
endif

check: $(INSTALLED) ## tell what is wrong with the stack file of STACK, without cluster and engine
	@$(RUN)/python -m tools.check $(STACK)

try: $(INSTALLED) ## show what STACK would make of a Corefile, and from whom it would take what: COREFILE=file
	@$(if $(COREFILE),,echo "error: name the file: make try COREFILE=file STACK=prod" >&2; exit 1)
	@$(RUN)/python -m tools.try_corefile $(STACK) $(COREFILE) $(ARGS)

preflight: $(INSTALLED) ## look whether `up` on STACK can work: cluster, rights, chart, state; ARGS="--for preview"
ifeq ($(STACK),local)
	@$(IN_LAB) && $(RUN)/python -m review.preflight local $(ARGS)
else
	@$(RUN)/python -m review.preflight $(STACK) $(ARGS)
endif

preview: $(INSTALLED) ## show on one screen what `up` on STACK would change
ifeq ($(STACK),local)
	@$(IN_LAB) && $(RUN)/python -m tools.preview local
else
	@$(RUN)/python -m tools.preview $(STACK)
endif

kubespray: $(INSTALLED) ## print what lets Kubespray itself render the zones of STACK
	@$(RUN)/python -m tools.kubespray $(STACK)

nodes: $(INSTALLED) ## print what the nodes need to pull images from the registries of STACK
	@$(RUN)/python -m tools.nodes $(STACK)

upgrade: $(INSTALLED) ## show what another chart would change for STACK: TO=charts/argo-cd-….tgz, FROM= the one of now
	@$(if $(TO),,echo "error: name the new chart: make upgrade STACK=prod TO=charts/argo-cd-10.7.2.tgz" >&2; exit 1)
	@$(RUN)/python -m tools.upgrade $(STACK) $(TO) $(if $(FROM),--from $(FROM)) $(ARGS)

bundle: $(INSTALLED) ## collect in a folder what a site without internet needs for STACK: TO=folder (default: bundle-STACK)
ifeq ($(STACK),local)
	@$(IN_LAB) && $(RUN)/python -m tools.bundle local $(if $(TO),--to $(TO))
else
	@$(RUN)/python -m tools.bundle $(STACK) $(if $(TO),--to $(TO))
endif

rights: $(INSTALLED) ## print the rights in the cluster that `up` on STACK needs; ARGS="--for preview"
	@$(RUN)/python -m tools.rights $(STACK) $(ARGS)

forget: $(INSTALLED) ## let go of STACK: everything stays in the cluster and works, DNS too; only the marks go
ifeq ($(STACK),local)
	@$(IN_LAB) && $(RUN)/python -m tools.forget local $(ARGS)
else
	@$(RUN)/python -m tools.forget $(STACK) $(ARGS)
endif

new: $(INSTALLED) ## write a new stack file for STACK: a few questions, or options in ARGS (--help lists them)
	@$(RUN)/python -m tools.new $(STACK) $(ARGS)

schema: $(INSTALLED) ### write what is made from the models: the JSON schema, its declarations, the reference page
	@$(RUN)/python -m tools.generate

docs: $(DOCS)/installed ## build the site of README.md and docs/, to be opened as files: .cache/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs --quiet build
	@echo "Open $(CURDIR)/.cache/site/index.html in a browser, or copy .cache/site to any web server."

lock: $(TESTS) ### write the locks: each Python package by version and hash, for laptops and for the image
	@for file in requirements-dev requirements-lab requirements requirements-audit requirements-docs; do \
	  $(RUN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --constraints requirements-dev.lock $$file.txt --output-file $$file.lock; done

pictures: $(TESTS) ### draw the pictures of the README
	@$(LAB) pictures
	@$(MAKE) --no-print-directory note-gallery ARGS=--docs

note-gallery: $(TESTS) ### draw the notes of saved previews as GitLab shows them, in .cache/note-gallery
	@[ -d $(GALLERY)/node_modules ] || ! command -v npm >/dev/null || $(MAKE) --no-print-directory note-browser
	@$(RUN)/python -m tests.review.note_gallery $(ARGS)

lab: $(INSTALLED) ### build the lab's programs into the user's cache (once, about 10 minutes)
	@$(LAB) build

lab-full: $(INSTALLED) ### the same, and the programs that only some tests use (about 13 minutes more)
	@$(LAB) build --full

language-server: ### install the editors' language server for YAML, with which the schema is tested (needs npm)
	@mkdir -p $(SERVER) && cp tests/editor/package.json tests/editor/package-lock.json $(SERVER)
	@cd $(SERVER) && npm ci --ignore-scripts --no-audit --no-fund

note-browser: ### install what draws notes as GitLab does (needs npm; the browser is the machine's Chromium)
	@mkdir -p $(GALLERY) && cp tests/review/note_gallery/package.json tests/review/note_gallery/package-lock.json $(GALLERY)
	@cd $(GALLERY) && npm ci --ignore-scripts --no-audit --no-fund

release: $(INSTALLED) ### give what is unreleased in CHANGELOG.md a version, and print its notes: VERSION=1.2.3 (default: the next)
	@$(RUN)/python -m tools.release $(if $(filter command,$(origin VERSION)),$(VERSION))

audit: $(AUDIT)/installed ### look for known holes in the locked packages, and write what they are into sbom.json
	@$(AUDIT)/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip
	@$(AUDIT)/bin/cyclonedx-py requirements requirements.lock --output-file sbom.json

lint: $(TESTS) ### ruff, mypy and the rules of who imports whom
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy .
	$(RUN)/lint-imports --no-logo

unit: $(TESTS) ### the quick tests, which need nothing but Python
	$(RUN)/pytest $(AT_ONCE) -m "not engine and not real"

test: lint ### all checks and tests; what needs the lab's programs is skipped without them
	$(RUN)/pytest $(AT_ONCE)

fuzz: $(TESTS) ### compare the Corefile parser with real CoreDNS on random texts for SECONDS (default: 300)
	@$(RUN)/python -m tests.dns.corefile.fuzz $(SECONDS)

effects: $(TESTS) ### run random Corefiles before and after an edit in real CoreDNS for SECONDS (default: 300)
	@$(RUN)/python -m tests.dns.effects.fuzz $(SECONDS)

chaos: $(TESTS) ### let one thing after the other fail for SECONDS while `pulumi` works, and see what one `up` makes of it
	@$(RUN)/python -m tests.engine.chaos $(SECONDS) $(ARGS)

recover: $(TESTS) ### kill Pulumi and its plugins at random moments for SECONDS, and see what one `up` makes of it
	@$(RUN)/python -m tests.engine.chaos $(SECONDS) --only "SIGKILL: (pulumi|its|the)"

bench: $(TESTS) ### measure what this program costs against others (half an hour), and write docs/benchmarks.md; ARGS=--quick
	@$(RUN)/python -m benchmarks $(ARGS)

# Not compiled: most of what these packages bring is never imported.
define install
	@$(or $(2),$(RUN))/pip install --no-compile --disable-pip-version-check --progress-bar off --require-hashes -r $(1) | sed -nu 's/^Collecting \([^ ]*\).*/  \1/p'
	@touch $@
endef

$(INSTALLED): requirements-lab.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; name it with make PYTHON=python3.12" >&2; exit 1; }
	@[ -d $(CACHE) ] || [ -z "$(filter up demo lab lab-full,$(MAKECMDGOALS))" ] || $(MAKE) --no-print-directory --silent sources >/dev/null 2>&1 &
	@echo "Installing the Python packages into $(VENV) (about half a minute)."
	@$(PYTHON) -m venv $(VENV)
	$(call install,requirements-lab.lock)

# What will be built is downloaded while pip is at work. A failure is told when it is built.
sources:
	@for module in python-host engine go; do \
	  (cd lab/programs/$$module && GOFLAGS= GOWORK=off go list -deps all) & done; wait

$(AUDIT)/installed: requirements-audit.lock
	@echo "Installing what looks into packages into $(AUDIT)."
	@$(PYTHON) -m venv $(AUDIT)
	$(call install,requirements-audit.lock,$(AUDIT)/bin)

$(TESTS): requirements-dev.lock $(INSTALLED)
	@echo "Installing what checks and tests need into $(VENV)."
	$(call install,requirements-dev.lock)

$(DOCS)/installed: requirements-docs.lock
	@echo "Installing what builds the site into $(DOCS)."
	@$(PYTHON) -m venv $(DOCS)
	$(call install,requirements-docs.lock,$(DOCS)/bin)
