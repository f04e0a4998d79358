# Everything from nothing: each target makes the environment that it needs.
#
#   make demo       compile ResNet-50, run it on a photograph, print its summary
#   make test       every check: ruff, fmt, mypy, pytest
#   make test-all   the exhaustive tests too, with a bar: in parts, `make test-zoo` and so on
#   make bench      how fast it is, and how much memory it takes
#   make docs       write the pages that come from the code, and outputs shown in others, anew
#   make lock       write constraints.txt anew from the environment
#   make clean      remove what was built, and the environment
#
# PyTorch comes from pip's own sources. Where those offer builds with and without CUDA (PyTorch's CPU
# index in PIP_EXTRA_INDEX_URL, or a wheel in PIP_FIND_LINKS), pip takes the CPU one, which is
# gigabytes smaller and all that is needed here.

PYTHON ?= python3
VENV   ?= .venv
MODEL  ?= resnet50
# Workers for pytest; 0 runs it in one process.
JOBS   ?= 2

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/installed.stamp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Parts of test-all: every test with ten times the examples, then those marked `exhaustive`: shipped
# models, random ones, specs drawn from the grammar, and the rest.
ZOO     := tests/verification/test_zoo.py
RANDOM  := tests/verification/test_differential.py tests/backends/test_emit_fuzz.py tests/test_fuzz.py
GRAMMAR := tests/grammar
PARTS   := test-laws test-zoo test-random test-grammar test-rest

.PHONY: help demo lint types test test-all $(PARTS) bench docs lock clean

help:
	@sed -n 's/^#   make/make/p' $(firstword $(MAKEFILE_LIST))

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("GraphCNN needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@# The reference for tests. Its operators are compiled for CUDA builds of PyTorch, so its own
	@# dependency on torch is left aside; tests/reference.py imports it without them.
	@# Of foolbox the tests read photographs alone.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps torchvision foolbox
	@# A runtime of two years ago, beside the current one: ONNX files are run in both.
	$(BIN)/python -m pip install --quiet --no-deps --target $(VENV)/older onnxruntime==1.20.1
	@touch $@

build/$(MODEL).py: $(INSTALLED) FORCE
	@mkdir -p build
	$(BIN)/graphcnn build $(MODEL) --backend pytorch -o $@
.PHONY: FORCE

demo: build/$(MODEL).py
	$(BIN)/python docs/demo.py $<
	$(BIN)/graphcnn summary $(MODEL)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/graphcnn fmt --check specs

types: $(INSTALLED)
	$(BIN)/mypy

test: lint types
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n $(JOBS)

test-all: lint types $(PARTS)

EXHAUSTIVE = OMP_NUM_THREADS=1 HYPOTHESIS_PROFILE=exhaustive $(BIN)/pytest -p sugar -n $(JOBS)

test-laws: $(INSTALLED)
	$(EXHAUSTIVE)

test-zoo: $(INSTALLED)
	$(EXHAUSTIVE) -m exhaustive $(ZOO)

test-random: $(INSTALLED)
	$(EXHAUSTIVE) -m exhaustive $(RANDOM)

test-grammar: $(INSTALLED)
	$(EXHAUSTIVE) -m exhaustive $(GRAMMAR)

test-rest: $(INSTALLED)
	$(EXHAUSTIVE) -m exhaustive $(foreach part,$(ZOO) $(RANDOM) $(GRAMMAR),--ignore=$(part))

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks

docs: $(INSTALLED)
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tests.backends.onnx_nodes.page
	$(BIN)/python -m tests.pages

# GraphCNN itself and the local part of a version (+cpu) are no part of what is pinned.
lock: $(INSTALLED)
	{ echo '# Exact versions of everything that the tests run with; written by `make lock`.'; \
	  $(BIN)/python -m pip freeze --exclude graphcnn | sed 's/+.*//'; } > constraints.new
	mv constraints.new constraints.txt
	touch $(INSTALLED)

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis $(VENV)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
