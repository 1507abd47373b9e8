"""What tests of all folders share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from .tools import browser as browsers
from .tools.environments import COLAB, COLAB_PYTHON, PLATFORMS, MissingPython

ROOT = Path(__file__).parents[1]

ALWAYS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("test", derandomize=True, database=None, max_examples=60, **ALWAYS)
settings.register_profile("fuzz", max_examples=4_000, print_blob=True, **ALWAYS)
settings.load_profile("test")


def pytest_collection_finish() -> None:
    """What is imported by then stays: torch and transformers need not be gone over by each test that collects what is left."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def browser_path() -> str:
    """A Chromium or Chrome on this machine. Missing, it is a failure with a word on what to do, never a skip."""
    path = browsers.find()
    if path is None:
        pytest.fail(browsers.MISSING, pytrace=False)
    return path


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """A running headless browser. Not for the session: Playwright's event loop would be in the way of other tests' loops."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser_path, args=browsers.LAUNCH_ARGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def colab_python() -> str:
    """The interpreter of .venv-colab, which holds Colab's versions; made where it is missing."""
    return COLAB.make()


@pytest.fixture(scope="session")
def colab_own_python() -> str:
    """The interpreter of .venv-colab-python: Colab's versions on Colab's Python, without torch."""
    try:
        return COLAB_PYTHON.make()
    except MissingPython as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def platforms_python() -> str:
    """The interpreter of .venv-platforms, which holds the other front ends; made where it is missing."""
    return PLATFORMS.make()
