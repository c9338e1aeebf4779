# Two commands matter: `make run` (check a small real estate) and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: run test check format facts clean
.DEFAULT_GOAL := run

# The stamp makes set-up happen once, and again when the dependencies change.
$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fast,dev]'
	$(BIN)/python -m compileall -q src  # else each start compiles anew where PYTHONDONTWRITEBYTECODE is set
	touch $@

run: $(VENV)/.ready
	$(BIN)/python scripts/run_estate.py

test: $(VENV)/.ready
	$(BIN)/python -m pytest -q

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/docs
	$(BIN)/duanban check . --fail-on review

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache
