# `make help` lists what there is. All tools come with it: a checkout, Python 3.11 and Git are enough
# for the fast tiers; the local cluster needs Debian, root and Go as well.

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/davit
UV_VERSION := 0.13.9
UV := $(CACHE)/tools/uv-$(UV_VERSION)/bin/uv
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
PYTEST := $(VENV)/bin/pytest
FAST := tests/unit tests/contract tests/golden

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-fast test-runner test-properties test-integration test-scale test-e2e bench lint fmt generate verify images deploy \
	cluster-up cluster-down kubeconfig

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## cluster, operator, a job from Git to its result (cold 12 min, warm 20 s)
	@$(PYTHON) -m tests.demo

test: lint test-fast-only test-runner test-integration test-scale test-e2e ## all tiers, real clusters included (cold 60 min, warm 40 min)

test-fast: lint test-fast-only ## lint, unit, contract and golden tests (1 min)

.PHONY: test-fast-only
test-fast-only: $(INSTALLED)
	@echo "Unit, contract and golden tests (usually 35 s)"
	@$(PYTEST) -q -n 2 $(FAST)

test-runner: $(INSTALLED) ## the runner and its commands, as real processes (half a minute)
	@echo "Runner tests (usually 25 s)"
	@$(PYTEST) -q -n 2 tests/runner

test-properties: $(INSTALLED) ## what must hold for whatever comes, asked 500 times each (3 min)
	@echo "Property tests with many examples (usually 3 min)"
	@$(PYTEST) -q -n 2 -m hypothesis --hypothesis-profile thorough tests/unit tests/contract

test-integration: $(INSTALLED) ## the operator in process, against a real API server (17 min)
	@echo "Integration tests (usually 17 min; 10 more the first time, to build Kubernetes)"
	@$(PYTEST) -q tests/integration

test-scale: $(INSTALLED) ## 1,000 runs at once on a fake kubelet, the operator killed every 10 s (5 min)
	@echo "Scale tests (usually 5 min; 2 more the first time, to build KWOK)"
	@$(PYTEST) -q tests/scale

test-e2e: $(INSTALLED) ## the operator deployed, against a real kubelet (15 min)
	@echo "End-to-end tests (usually 15 min)"
	@$(PYTEST) -q tests/e2e

bench: $(INSTALLED) ## what davit costs on this machine, printed (20 min; best with nothing else running)
	@$(PYTHON) -m tests.bench

lint: $(INSTALLED) ## ruff, mypy --strict, pyright on the jobs shown, import-linter (15 s)
	@echo "Lint (usually 15 s, 1 min the first time)"
	@$(VENV)/bin/ruff check --quiet
	@$(VENV)/bin/ruff format --quiet --check
	@$(VENV)/bin/mypy --no-error-summary operator/src runner_image/src tests
	@$(PYTHON) -m tests.types_of_jobs
	@$(VENV)/bin/lint-imports --no-logo >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

fmt: $(INSTALLED) ## format, and fix what ruff can
	@$(VENV)/bin/ruff check --fix --quiet || true
	@$(VENV)/bin/ruff format

generate: $(INSTALLED) ## write crds/ and the admission policies from the models
	@$(PYTHON) -m davit_operator.api crds
	@$(PYTHON) -m davit_operator.api.admission manifests

verify: generate ## fail where what is generated was not committed
	@git diff --exit-code -- crds manifests || { echo "crds/ or manifests/ are behind the models: commit what make generate wrote."; exit 1; }

images: $(INSTALLED) ## build both images and give them to the local cluster
	@$(PYTHON) -m tests.cluster up
	@$(PYTHON) -m tests.cluster images

deploy: $(INSTALLED) ## install the operator on the local cluster, or on yours (CLUSTER=current)
	@$(PYTHON) -m tests.deploy

cluster-up: $(INSTALLED) ## start the local Kubernetes (cold 10 min, warm 10 s)
	@$(PYTHON) -m tests.cluster up

cluster-down: $(INSTALLED) ## end it, and remove all it made
	@$(PYTHON) -m tests.cluster down

kubeconfig: $(INSTALLED) ## print the path of the kubeconfig in use
	@$(PYTHON) -m tests.target

$(UV):
	@echo "Installing uv $(UV_VERSION) into $(CACHE) (usually 10 s)"
	@python3 -m venv $(CACHE)/tools/uv-$(UV_VERSION) >/dev/null 2>&1 \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq --yes python3-venv >/dev/null \
			&& python3 -m venv $(CACHE)/tools/uv-$(UV_VERSION); } \
		|| { echo "error: python3 cannot make a venv. Install Python 3.11 with its venv module."; exit 1; }
	@$(CACHE)/tools/uv-$(UV_VERSION)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(INSTALLED): uv.lock pyproject.toml operator/pyproject.toml runner_image/pyproject.toml | $(UV)
	@echo "Installing what uv.lock names into $(VENV) (usually 20 s)"
	@$(UV) sync --quiet --locked --compile-bytecode
	@touch $@
