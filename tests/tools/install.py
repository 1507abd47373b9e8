"""Installs archmagic, its tools and a CPU build of torch into the running environment, at the versions of tests/constraints.txt."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
GROUPS = ("dev", "bench")


def main() -> None:
    torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    install_torch(torch)
    pip("install", "-c", str(CONSTRAINTS), *(name for group in GROUPS for name in groups[group]), "-e", str(ROOT))


def install_torch(requirement: str, python: str = sys.executable) -> None:
    """Installs that torch as a CPU build. On Linux the default one is for CUDA, several GB that nothing here uses: it is refused."""
    installed = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    if installed.returncode == 0 and installed.stdout.strip().split("+")[0] == requirement.partition("==")[2]:
        return
    index = ["--extra-index-url", CPU_INDEX] if reachable("download.pytorch.org") else []
    if sys.platform == "linux":
        report = pip(
            "install", "--dry-run", "--ignore-installed", "--no-deps", "--report", "-", *index, requirement, python=python, quiet=True
        )
        needs = json.loads(report)["install"][0]["metadata"].get("requires_dist", [])
        if any(re.match("nvidia|cuda", name) for name in needs):
            sys.exit(
                f"The only build of {requirement} to be had is one for CUDA, several GB: {CPU_INDEX} cannot be reached.\n"
                f"Install the build you want yourself, then run make again: {python} -m pip install {requirement}"
            )
    pip("install", *index, requirement, python=python)


def reachable(host: str) -> bool:
    """Whether the host answers within two seconds."""
    try:
        socket.create_connection((host, 443), timeout=2).close()
    except OSError:
        return False
    return True


def pip(*arguments: str, python: str = sys.executable, quiet: bool = False) -> str:
    """Runs pip; ends the program where it fails. Returns what it printed, if `quiet`."""
    command = [python, "-m", "pip", "--disable-pip-version-check", arguments[0], "-qq", *arguments[1:]]
    print("+", " ".join(command[1:]), file=sys.stderr, flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE if quiet else None)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


if __name__ == "__main__":
    main()
