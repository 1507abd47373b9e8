"""`make demo`: the explanation of a pasted print in the terminal, then JupyterLab on the tour.

Where no browser can be opened, JupyterLab prints its address and serves on.
"""

from __future__ import annotations

import os
import subprocess
import sys

from .install import ROOT


def main() -> None:
    subprocess.run([sys.executable, "-m", "archmagic", "notebooks/gpt2.txt"], cwd=ROOT, check=True)
    print("\nJupyterLab opens on notebooks/tour.ipynb; Ctrl-C ends it.\n", flush=True)
    jupyter = [sys.executable, "-m", "jupyter"]
    # The committed tour was not run by this user: trusted, its saved outputs are interactive at once.
    subprocess.run([*jupyter, "trust", "notebooks/tour.ipynb"], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    os.chdir(ROOT)
    tour = "--LabApp.default_url=/lab/tree/notebooks/tour.ipynb"  # the address printed then names the tour
    os.execv(sys.executable, [*jupyter, "lab", "--log-level=WARN", *as_root, tour, *sys.argv[1:]])


if __name__ == "__main__":
    main()
