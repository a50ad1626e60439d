# Everything is installed inside the checkout: uv in .tools, the packages in .venv.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
RAW ?= ../shared/data

.PHONY: brief test env check record slow docs bench coder finder lock

brief: env ## install what is needed and write the brief of the flagship case
	$(BIN)/foedus brief japan-us --course april-2024-upgrade --output briefs/japan-us

test: env ## install what is needed and run the tests
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --durations 15 -m "not slow"

env: .venv/.ready ## install uv and the locked packages into the checkout

.tools/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "foedus needs Python 3.11 or later")'
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv==0.13.9

.venv/.ready: .tools/bin/uv requirements/dev.lock pyproject.toml
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(BIN)/python --compile-bytecode requirements/dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

check: env ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

record: env ## rebuild the bundled record from the raw tables in RAW
	$(BIN)/foedus record build --raw $(RAW) --bundle

slow: export FOEDUS_RECORD := build/no-local-record
slow: export FOEDUS_POSTERIORS := build/no-local-posteriors
slow: env ## slow tests, then the fits and backtests that ship with their fingerprints
	$(BIN)/pytest -m slow -n auto
	$(BIN)/foedus fit --bundle
	$(BIN)/python -c "from foedus.study.calibrate_laws import calibrate_laws; calibrate_laws()"
	$(BIN)/python -c "from foedus.record.store import open_record; from foedus.study.score_rivals import store_scores; store_scores(open_record())"
	$(BIN)/python -c "from foedus.record.store import open_record; from foedus.study.law_cases.link import store_link; store_link(open_record())"
	$(BIN)/python -c "from foedus.record.store import open_record; from foedus.study.lever_designs import store_lever_designs; store_lever_designs(open_record())"
	$(BIN)/python -c "from pathlib import Path; from foedus.study.known_truth import store_known_truth; store_known_truth(Path('build/known-truth'))"
	$(BIN)/python -c "from foedus.record.store import open_record; from foedus.study.arena_fits import store_arena_fits; store_arena_fits(open_record())"
	$(BIN)/foedus score --again --store

docs: env ## build the documentation into site/
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --quiet --strict

bench: env ## ratios against peers and bounds
	$(BIN)/python -m benchmarks

coder: env ## train the network that codes texts, from RAW and the published encoder in WEIGHTS
	$(BIN)/python -m foedus.study.train_coder $(RAW) $(WEIGHTS)
	$(BIN)/python -m foedus.study.score_coder $(RAW)

finder: env ## train the network that finds statements, from the published encoder in WEIGHTS
	$(BIN)/python -m foedus.study.train_finder $(WEIGHTS)
	$(BIN)/python -m foedus.study.score_finder $(RAW)

lock: .tools/bin/uv ## renew requirements/dev.lock from pyproject.toml
	$(UV) pip compile --quiet pyproject.toml --extra fit --extra scale --extra score --extra text --group dev --universal \
	  --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  --output-file requirements/dev.lock
