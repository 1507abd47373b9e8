"""Environments beside .venv that tests run in: `python -m tests.tools.environments colab platforms` makes what is missing of them.

.venv-colab holds what a Colab session has preinstalled (tests/colab-pins.txt), .venv-platforms the other front ends
(tests/platforms/constraints.txt); each holds archmagic, too.
"""

from __future__ import annotations

import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from .install import CONSTRAINTS, ROOT, install_torch, pip


@dataclass(frozen=True)
class Environment:
    """A virtual environment in the project's folder, and the file that pins what is in it."""

    folder: str
    pins: Path

    @property
    def python(self) -> Path:
        return ROOT / self.folder / "bin" / "python"

    def make(self) -> str:
        """Its interpreter, made if it is not there or its pins have changed."""
        pins = self.pins.read_text() + CONSTRAINTS.read_text()
        ready = ROOT / self.folder / ".ready"
        with FileLock(Path(sys.prefix) / f"{self.folder}.lock"):  # tests run in several processes
            if not ready.exists() or ready.read_text() != pins:
                self._make()
                ready.write_text(pins)
        return str(self.python)

    def _make(self) -> None:
        venv.create(ROOT / self.folder, clear=True, with_pip=True)
        torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
        install_torch(torch, str(self.python))
        pip("install", "-r", str(self.pins), python=str(self.python))
        pip("install", "--no-deps", "-e", str(ROOT), python=str(self.python))


COLAB = Environment(".venv-colab", ROOT / "tests" / "colab-pins.txt")
PLATFORMS = Environment(".venv-platforms", ROOT / "tests" / "platforms" / "constraints.txt")


if __name__ == "__main__":
    known = {"colab": COLAB, "platforms": PLATFORMS}
    for name in sys.argv[1:]:
        print(known[name].make())
