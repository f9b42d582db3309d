PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test soak lint types layers wheel docs bench clean

demo: $(STAMP) ## Build the sample database, plan it, load it into an embedded engine, verify it
	$(BIN)/migrate demo --directory demo

PYTEST_ARGS ?= -n auto --dist=worksteal
test: $(STAMP) ## All tests, on all cores
	$(BIN)/python -m pytest $(PYTEST_ARGS)

SEEDS ?= 4000
SHARE ?= 20
soak: $(STAMP) ## Thousands of random loads, designs, writes and reads, and the larger explorations of the protocol
	MIGRATE_SOAK_SEEDS=$(SEEDS) $(BIN)/python -m pytest tests/load/test_anything.py tests/load/test_explored.py tests/load/test_explored_ways.py tests/target/test_loading.py $(PYTEST_ARGS)
	MIGRATE_TEST_SHARE=$(SHARE) $(BIN)/python -m pytest tests/verify tests/design $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

wheel: $(STAMP) ## Build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@ls dist

docs: $(STAMP) ## Write the generated pages of docs/ anew
	$(BIN)/python -m tests.docs.reference
	$(BIN)/python -m tests.docs.faults

BENCH ?= demo/bench
bench: $(STAMP) ## What loading costs, beside the loader that everyone writes (about fifteen minutes)
	$(BIN)/python -m benchmarks.load --folder $(BENCH) --rows 300000
	$(BIN)/python -m benchmarks.load stages --folder $(BENCH)
	$(BIN)/python -m benchmarks.load latency --folder $(BENCH)
	$(BIN)/python -m benchmarks.load engine --folder $(BENCH)
	$(BIN)/python -m benchmarks.load memory --folder $(BENCH) --rows 100000 5000000

clean:
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

$(STAMP): pyproject.toml constraints-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints-dev.txt --editable ".[local]" --group dev
	touch $@
