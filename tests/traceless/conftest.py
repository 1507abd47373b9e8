"""A shell with the extension loaded, so that displaying goes the whole way."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Cells, cells, loaded

__all__ = ["cells", "loaded"]


@pytest.fixture
def shell(loaded: Cells) -> Cells:
    return loaded
