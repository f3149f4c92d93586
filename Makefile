# Everything runs in .venv, made on first use and brought up to date when pyproject.toml changes.
# README.md has the same steps as plain pip lines.

PYTHON ?= python3
BIN := .venv/bin

# An environment made without pip is filled by the pip of the Python that made it.
PIP = $$([ -x $(BIN)/pip ] && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)

.PHONY: demo test lint types setup clean

demo: .venv/installed
	$(BIN)/python examples/02_apples_and_tangerines.py
	$(BIN)/python examples/06_digits.py

test: setup
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy --strict

setup: .venv/installed-dev

clean:
	rm -rf .venv out build dist .coverage htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 may come without ensurepip, and venv then fails until told to leave pip out.
$(BIN)/python:
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip .venv

.venv/installed: pyproject.toml | $(BIN)/python
	@echo "Installing graphgrad into .venv"
	@$(PIP) install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing graphgrad and its development tools into .venv"
	@$(PIP) install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/installed
