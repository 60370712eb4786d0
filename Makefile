# The ways into this repository; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

python := .venv/bin/python
rooms := $(wildcard kiosk drivers gate ui sync tests)
pins := $(addprefix .ci/requirements/,installer.txt build.txt kiosk.txt dev.txt)
catalogues := $(patsubst %.po,%.mo,$(wildcard kiosk/*/locale/*/LC_MESSAGES/*.po sync/*/locale/*/LC_MESSAGES/*.po))

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: build/setup.stamp $(catalogues) ## make .venv, the fonts and the message catalogues; a second run does nothing
	@:

# Somebody may delete the environment and leave the stamp.
.PHONY: environment-is-gone
build/setup.stamp: pyproject.toml .ci/setup .ci/fonts.py $(pins) $(if $(wildcard .venv/bin/kiosk),,environment-is-gone)
	.ci/setup
	@touch $@

# A catalogue that is marked fuzzy is not compiled: a sentence nobody has read does not reach a reader.
%.mo: %.po | build/setup.stamp
	.venv/bin/pybabel --quiet compile --input-file $< --output-file $@
	@test -e $@

demo: export KIVY_HOME := $(CURDIR)/build/kivy
demo: export KIVY_LOG_MODE := PYTHON
demo: export KIVY_NO_ARGS := 1
demo: export KIVY_NO_FILELOG := 1
demo: export KIVY_WINDOW := sdl2

.PHONY: demo
demo: setup ## a whole library on this machine: terminal, far ends, central; without a display it draws into memory
	@mkdir -p $(KIVY_HOME)
	@if [ -n "$$DISPLAY" ]; then .venv/bin/kiosk demo; \
	else SDL_VIDEODRIVER=offscreen .venv/bin/kiosk demo --headless; fi

.PHONY: test
test: setup ## everything that must hold before a change lands: style, types, tests
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy $(rooms)
	$(python) -m pytest -n 2 --dist worksteal

.PHONY: bench
bench: setup ## how fast, measured on this machine
	$(python) -m tests.bench

# Fuzzed parsers see a million inputs each, the disk 100,000 power cuts, whole kiosks 10,000 kills, the library a year.
.PHONY: soak
soak: setup ## the long form of the proofs: hours; figures go to build/soak.json
	.ci/setup soak
	KIOSK_SOAK_FACTOR=50 $(python) -m pytest --timeout 0 -s \
		tests/drivers tests/sync tests/kiosk/workflow tests/journeys tests/crash

.PHONY: record
record: ## keep the figures of the last soak run in docs/figures
	cp build/soak.json docs/figures/proofs.json

.PHONY: format
format: setup ## put the source into the one style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

pin := build/installer/bin/uv --quiet pip compile --python .venv/bin/python --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make requirements'

.PHONY: requirements
requirements: setup ## pin the newest versions that pyproject.toml allows
	$(pin) --upgrade .ci/requirements/installer.in --output-file .ci/requirements/installer.txt
	$(pin) --upgrade .ci/requirements/build.in --output-file .ci/requirements/build.txt
	$(pin) --upgrade pyproject.toml --all-extras --output-file .ci/requirements/dev.txt
	$(pin) --upgrade pyproject.toml --constraints .ci/requirements/dev.txt --output-file .ci/requirements/kiosk.txt

.PHONY: clean
clean: ## remove everything that set-up, tests and tools made
	rm -rf .venv build dist ui/fonts .hypothesis .mypy_cache .pytest_cache .ruff_cache $(catalogues)
	find $(rooms) -name __pycache__ -type d -prune -exec rm -rf {} +
