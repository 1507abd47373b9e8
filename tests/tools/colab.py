"""Makes .venv-colab, which holds what a Colab session has preinstalled (tests/colab-pins.txt) and archmagic."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

from filelock import FileLock

from .install import CONSTRAINTS, ROOT, install_torch, pip

PLACE = ROOT / ".venv-colab"
PINS = ROOT / "tests" / "colab-pins.txt"
PYTHON = PLACE / "bin" / "python"
READY = PLACE / ".ready"


def make() -> str:
    """The interpreter of the environment, made if it is not there or its pins have changed."""
    pins = PINS.read_text() + CONSTRAINTS.read_text()
    with FileLock(Path(sys.prefix) / "colab.lock"):  # tests run in several processes
        if not READY.exists() or READY.read_text() != pins:
            _make()
            READY.write_text(pins)
    return str(PYTHON)


def _make() -> None:
    venv.create(PLACE, clear=True, with_pip=True)
    torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
    install_torch(torch, str(PYTHON))
    pip("install", "-r", str(PINS), python=str(PYTHON))
    pip("install", "--no-deps", "-e", str(ROOT), python=str(PYTHON))


if __name__ == "__main__":
    print(make())
