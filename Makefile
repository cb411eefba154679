# make run starts the portal, make test runs every test; make alone says the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# pytest's workers: a number, or auto for one per processor.
JOBS ?= auto
# What to give pytest: make test TESTS=tests/services
TESTS ?= tests
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

.PHONY: help run build test lint check format browser bench lock clean setup setup-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@bin/setup run

setup-test:
	@bin/setup test

run: export SELFCARE_DEMO ?= 1
run: setup ## start the portal with demo companies (SELFCARE_PORT=3000; SELFCARE_DEMO=0 for an installation)
	@selfcare serve

build: setup ## make the front end that `make run` serves
	@selfcare build

test: setup-test ## all tests
	@browser=$$(bin/chromium) && SELFCARE_TEST_CHROMIUM="$$browser" pytest -n $(JOBS) --dist worksteal $(TESTS)

browser: setup-test ## the browser journeys alone
	@browser=$$(bin/chromium) && SELFCARE_TEST_CHROMIUM="$$browser" pytest tests/browser

lint: setup-test ## ruff and mypy
	@ruff format --check .
	@ruff check .
	@mypy

check: lint test ## what CI runs

format: setup-test ## put the code in order
	@ruff format .
	@ruff check --fix .

bench: setup-test ## measurements into benchmarks/RESULTS.md
	@browser=$$(bin/chromium) && SELFCARE_TEST_CHROMIUM="$$browser" python -m benchmarks

lock: setup-test ## resolve the dependencies in pyproject.toml anew
	@echo "setuptools>=75" | $(LOCK) --upgrade --output-file requirements.lock pyproject.toml -
	@echo "setuptools>=75" | $(LOCK) --upgrade --extra test --constraint requirements.lock --output-file requirements-test.lock pyproject.toml -
	@$(LOCK) --upgrade --output-file benchmarks/peers/peers.lock benchmarks/peers/peers.in

clean: ## remove what was built and installed; data in var/ stays
	@rm -rf .venv .web .site assets/i18n.js assets/theme.css assets/favicon.svg
