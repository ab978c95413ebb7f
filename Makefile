# Fileferry. `make run` is all that a newcomer needs; `make help` lists the rest.
# Needs Python 3.11 to 3.13 and nothing else: uv comes into .tools/, everything more by uv.lock.

SHELL := /bin/sh
UV_VERSION := 0.13.9
CHECKOV_VERSION := 3.3.30
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if $$p -c '$(FITS)' 2>/dev/null; then $$p -c 'import sys; print(sys.executable)'; break; fi; done)
endif
UV := .tools/bin/uv
CONFIG_ENV ?= dev

export PATH := $(CURDIR)/.tools/bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON ?= $(PYTHON)
unexport PYTHONDONTWRITEBYTECODE  # without bytecode each of the many processes compiles boto3 anew: 0.4 s instead of 0.15

.DEFAULT_GOAL := help
.PHONY: help run up demo down status openapi invoke test bench console console-test console-shots lint deploy clean env

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: env  ## start, build, deploy, seed; send the sample files and follow them to the partner (leaves the system up)
	@$(UV) run --no-sync ferry up
	@$(UV) run --no-sync ferry demo

up: env  ## start, build, deploy and seed only; on a running system: bring it up to date
	@$(UV) run --no-sync ferry up

demo: env  ## send the sample files through the running system
	@$(UV) run --no-sync ferry demo

status: env  ## what runs: emulator, stack, queues, jobs, the partner's servers
	@$(UV) run --no-sync ferry status

down:  ## stop everything that run started
	@if [ -x .venv/bin/ferry ]; then .venv/bin/ferry down; else echo "Nothing was ever started here."; fi

invoke: env  ## call a function of the running system: make invoke F=validate E=events/validate.json
	@test -n "$(F)" && test -n "$(E)" || { echo "Say which: make invoke F=validate E=events/validate.json"; exit 2; }
	@$(UV) run --no-sync ferry invoke "$(F)" "$(E)"

test: env  ## all tests, the console's without a browser among them; T=tests/unit/local picks some of pytest's
ifdef T
	@$(UV) run --no-sync pytest $(T)
else
	@$(UV) run --no-sync ferry console npm --if-node test
	@$(UV) run --no-sync pytest -n auto --no-header workflows tests/conformance tests/unit
	@$(UV) run --no-sync pytest tests/e2e tests/integration tests/workflows
endif

# -P keeps bench/ off sys.path, where bench/asl.py would hide the package asl.
bench: env  ## measure; the whole system is started where needed: make bench B=asl, cold_start, end_to_end, …
	@test -f "bench/$(B).py" -o "$(B)" = console || { echo "Say which: make bench B=cold_start (or api, asl, console, end_to_end, killed_tasks, killed_worker, large_file, least_privilege)"; exit 2; }
	@if [ "$(B)" = console ]; then node bench/console.mjs $(A); else $(UV) run --no-sync python -P bench/$(B).py $(A); fi

console: env  ## build the web console (needs Node 20); `make up` does so, too
	@$(UV) run --no-sync ferry console build

console-test: env  ## the console's style, types and tests, those in a browser on the running system among them
	@$(UV) run --no-sync ferry console npm run lint
	@$(UV) run --no-sync ferry console npm test
	@$(UV) run --no-sync ferry console npm run e2e

console-shots: env  ## screenshots of every view of the console on the running system, into console/shots
	@$(UV) run --no-sync ferry console npm run shots

lint: env  ## formatting, style, types, and the template
	@$(UV) run --no-sync ruff check .
	@$(UV) run --no-sync ruff format --check .
	@$(UV) run --no-sync mypy
	@$(UV) run --no-sync cfn-lint template.yaml
	@$(UV) run --no-sync ferry sam validate --lint
	@PYTHONPATH=. $(UV) run --no-sync python scripts/openapi.py --check
	@LOG_LEVEL=ERROR $(UV) tool run --quiet --from checkov==$(CHECKOV_VERSION) checkov --config-file .checkov.yaml

openapi: env  ## write docs/openapi.json, the API's description, anew from the code
	@PYTHONPATH=. $(UV) run --no-sync python scripts/openapi.py

deploy: env  ## build and deploy to AWS with your credentials; CONFIG_ENV=dev, prod-primary or prod-secondary
	@$(UV) run --no-sync ferry sam build
	@$(UV) run --no-sync ferry sam deploy --config-env $(CONFIG_ENV)

clean:  ## stop everything and remove what was built, with the demo's state
	@if [ -x .venv/bin/ferry ]; then .venv/bin/ferry down; fi
	rm -rf .ferry .aws-sam .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis

env: $(UV)
	@$(UV) sync --locked --quiet || { echo "uv sync failed; see above."; exit 1; }

$(UV): .tools/uv-$(UV_VERSION)

.tools/uv-$(UV_VERSION):
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(FITS)' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; say where: make $(MAKECMDGOALS) PYTHON=python3.13"; exit 1; }
	@echo "Installing uv $(UV_VERSION) into .tools/ (once), then the locked environment into .venv/: about a minute …"
	@rm -rf .tools/bin .tools/venv .tools/lib .tools/uv-* && mkdir -p .tools/bin
	@if $(PYTHON) -m venv .tools/venv >/dev/null 2>&1; then \
		.tools/venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
		ln -s ../venv/bin/uv $(UV); \
	else \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools/lib uv==$(UV_VERSION) && \
		ln -s ../lib/bin/uv $(UV); \
	fi || { echo "uv could not be installed: neither venv nor pip works (Debian: apt-get install python3-venv)."; exit 1; }
	@touch $@ && touch -h $(UV)
