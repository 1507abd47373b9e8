# Each target does its own set-up. PYTHON=/path/to/python3.12 chooses the interpreter that .venv is made from.
PY := .venv/bin/python
READY := .venv/.ready
NODE_READY := js/node_modules/.ready
NPM = $(PY) -m tests.tools.npm

.PHONY: demo test test-platforms check fuzz bench bench-view zoo tour screenshots build

demo: $(READY)  ## the explanation of a pasted print here, then JupyterLab on the tour
	@$(PY) -m tests.tools.demo

test: $(READY) $(NODE_READY)  ## every Python, JavaScript and browser test but those of test-platforms
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.environments colab
	@$(PY) -m tests.tools.run_tests

test-platforms: $(READY)  ## the other front ends: Notebook 7, the classic Notebook, marimo, nbconvert, Colab's kind of page, a terminal
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.environments colab colab-python platforms
	@$(PY) -m tests.tools.run_tests platforms

check: $(READY) $(NODE_READY)  ## the short loop
	@$(PY) -m ruff check archmagic tests
	@$(PY) -m ruff format --check archmagic tests
	@$(PY) -m mypy
	@$(NPM) run --silent check
	@$(PY) -m pytest -n auto --dist loadfile -m "not browser and not slow and not platforms"

fuzz: $(READY)  ## prints damaged and models put together in thousands of ways
	@$(PY) -m pytest tests/read/test_printed_fuzz.py tests/hostile/test_random_models.py --hypothesis-profile=fuzz

bench: $(READY)  ## one table of what is promised of time and size, beside repr, torchinfo and treescope
	@$(PY) -m tests.bench

zoo: $(READY)  ## every transformers model type: printed back to the letter, and how right the facts are
	@$(PY) -m tests.zoo

bench-view: $(READY)  ## how soon and how smoothly the view is there, beside its neighbours
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.environments platforms
	@$(PY) -m tests.bench.view

zoo-trace: $(READY)  ## data followed through every transformers model type, beside the library's own forward
	@$(PY) -m tests.zoo.trace

tour: $(READY)  ## writes and executes notebooks/tour.ipynb
	@$(PY) -m tests.tools.tour

screenshots: $(READY)  ## takes the README's pictures
	@$(PY) -m tests.tools.browser
	@$(PY) -m tests.tools.environments platforms
	@$(PY) -m tests.tools.screenshots

build: $(READY) $(NODE_READY)  ## builds the view into archmagic/static
	@$(NPM) run --silent build

$(READY): pyproject.toml tests/constraints.txt tests/tools/setup.sh tests/tools/install.py
	@sh tests/tools/setup.sh
	@touch $@

$(NODE_READY): js/package-lock.json tests/tools/npm.py | $(READY)
	@$(NPM) ci --no-audit --no-fund
	@touch $@
