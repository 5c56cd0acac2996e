# `make demo` and `make test` each work as the first command in a fresh clone.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test check unit format clean

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
