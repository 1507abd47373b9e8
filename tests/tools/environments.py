"""Environments beside .venv that tests run in: `python -m tests.tools.environments colab platforms` makes what is missing of them.

.venv-colab holds what a Colab session has preinstalled (tests/colab-pins.txt), .venv-colab-python the same on Colab's own Python and
without torch, .venv-platforms the other front ends (tests/platforms/constraints.txt); each holds archmagic, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from .install import CONSTRAINTS, ROOT, install_torch, pip


@dataclass(frozen=True)
class Environment:
    """A virtual environment in the project's folder, the file that pins what is in it, and what it is made from.

    `version` is the Python it needs, as "3.13"; None for the running one."""

    folder: str
    pins: Path
    version: str | None = None
    torch: bool = True

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
        base = sys.executable if self.version is None else interpreter(self.version)
        if base is None:
            raise MissingPython(f"No Python {self.version} was found: put python{self.version} on the PATH.")
        folder = ROOT / self.folder
        if folder.is_symlink():
            folder.unlink()  # what it leads to is another checkout's
        subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=True)
        if self.torch:
            torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
            install_torch(torch, str(self.python))
        pip("install", "-r", str(self.pins), python=str(self.python))
        pip("install", "--no-deps", "-e", str(ROOT), python=str(self.python))


class MissingPython(Exception):
    """The Python that an environment needs is not on this machine."""


def interpreter(version: str) -> str | None:
    """A Python of that version that starts: by its name on the PATH, or one that pyenv or uv keeps."""
    kept = [folder.expanduser() for folder in (Path("~/.pyenv/versions"), Path("~/.local/share/uv/python"))]
    beside = [str(python) for folder in kept for python in sorted(folder.glob(f"*{version}*/bin/python{version}"), reverse=True)]
    for python in (shutil.which(f"python{version}"), *beside):
        if python and subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0:
            return python
    return None


COLAB = Environment(".venv-colab", ROOT / "tests" / "colab-pins.txt")
COLAB_PYTHON = Environment(".venv-colab-python", ROOT / "tests" / "colab-pins.txt", version="3.13", torch=False)
PLATFORMS = Environment(".venv-platforms", ROOT / "tests" / "platforms" / "constraints.txt")


if __name__ == "__main__":
    known = {"colab": COLAB, "colab-python": COLAB_PYTHON, "platforms": PLATFORMS}
    for name in sys.argv[1:]:
        try:
            print(known[name].make())
        except MissingPython as missing:
            print(f"{missing} The tests that need it are skipped.", file=sys.stderr)
