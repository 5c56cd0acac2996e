# `make demo` and `make test` each work as the first command in a fresh clone.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test check unit fuzz format clean

demo: $(VENV)/.base
	$(BIN)/medtrust demo --out demo

test: check unit

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# A file's tests share what is slow to make, and tiny models gain nothing from several threads.
unit: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses logical --dist loadfile

# Property tests with other examples in each run, up to 2,000 a test; one file with TESTS=FILE.
fuzz: $(VENV)/.test
	OMP_NUM_THREADS=1 MEDTRUST_FUZZ=2000 $(BIN)/pytest --numprocesses logical --timeout 3600 \
		--hypothesis-profile random -k "hypothesis or test_fuzz" $(TESTS)

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What `medtrust` itself needs: no torch.
$(VENV)/.base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

# torch comes first and by its exact version: a range would take a build with CUDA.
$(VENV)/.test: $(VENV)/.base
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) demo
