# Each target does its own set-up. PYTHON=/path/to/python3.12 chooses the interpreter that .venv is made from.
PY := .venv/bin/python
READY := .venv/.ready
NODE_READY := js/node_modules/.ready
NPM = $(PY) -m tests.tools.npm

.PHONY: demo test test-platforms check bench zoo tour screenshots build

demo: $(READY)  ## the explanation of a pasted print here, then JupyterLab on the tour
	@$(PY) -m tests.tools.demo

test: $(READY) $(NODE_READY)  ## every Python, JavaScript and browser test
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.colab
	@$(PY) -m tests.tools.run_tests

test-platforms: $(READY)  ## only the tests in real front ends and with Colab's versions
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.colab
	@$(PY) -m pytest -m browser tests
	@$(PY) -m pytest tests/notebook/test_colab.py

check: $(READY) $(NODE_READY)  ## the short loop
	@$(PY) -m ruff check archmagic tests
	@$(PY) -m ruff format --check archmagic tests
	@$(PY) -m mypy
	@$(NPM) run --silent check
	@$(PY) -m pytest -n auto -m "not browser and not slow"

bench: $(READY)  ## time and bytes of explain against repr, torchinfo and treescope
	@$(PY) -m tests.bench

zoo: $(READY)  ## every transformers model type: printed back to the letter, and how right the facts are
	@$(PY) -m tests.zoo

tour: $(READY)  ## writes and executes notebooks/tour.ipynb
	@$(PY) -m tests.tools.tour

screenshots: $(READY)  ## takes the README's picture
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.screenshots

build: $(READY) $(NODE_READY)  ## builds the view into archmagic/static
	@$(NPM) run --silent build

$(READY): pyproject.toml tests/constraints.txt tests/tools/setup.sh tests/tools/install.py
	@sh tests/tools/setup.sh
	@touch $@

$(NODE_READY): js/package-lock.json tests/tools/npm.py | $(READY)
	@$(NPM) ci --no-audit --no-fund
	@touch $@
