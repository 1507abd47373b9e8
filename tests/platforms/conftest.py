"""What the tests of the platforms share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs under `make test-platforms` alone."""
    for item in items:
        if HERE in item.path.parents:
            for mark in (pytest.mark.platforms, pytest.mark.browser, pytest.mark.slow):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def own_python() -> str:
    return sys.executable
