# Each target does its own set-up on a machine that has only python3 (3.11 or newer), pip and make.
PYTHON ?= python3
UV = .tools/bin/uv
BIN = .venv/bin
export UV_PYTHON_DOWNLOADS = never
export UV_LINK_MODE = copy

.PHONY: run test slow lint bench notebooks pictures reference calibration lock clean
.DEFAULT_GOAL := run

run: .venv/run.ok
	$(BIN)/python app.py

test: .venv/dev.ok
	$(BIN)/python tests/system_packages.py
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

slow: .venv/dev.ok
	$(BIN)/python tests/system_packages.py
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: .venv/dev.ok
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.ok
	for script in app store page; do $(BIN)/python benchmarks/$$script.py || exit 1; done

notebooks: .venv/dev.ok
	$(BIN)/python notebooks/run.py --write

reference: .venv/dev.ok
	$(BIN)/python docs/reference.py

calibration: .venv/dev.ok
	$(BIN)/python docs/calibration.py

pictures: .venv/dev.ok
	$(BIN)/python docs/pictures.py

$(UV):
	$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action=ignore --target .tools "uv>=0.9,<1"

.venv/bin/python: | $(UV)
	$(UV) venv -q --python $(PYTHON) .venv

.venv/run.ok: requirements.lock pyproject.toml | .venv/bin/python
	test -e .venv/dev.ok || $(UV) pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
	touch $@

.venv/dev.ok: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements-dev.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
	touch $@

# New versions: change pyproject.toml, then `make lock`. No address of any package index is written.
LOCK = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header
lock: | $(UV)
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade pyproject.toml --extra dev -o requirements-dev.lock

clean:
	rm -rf .venv .tools build var
