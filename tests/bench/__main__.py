"""`make bench`: what is promised of time and size, beside repr, torchinfo and treescope where they do the like; one table.

`--smoke` does all of it once on small models, and judges nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from .figures import figures


def main(arguments: list[str] | None = None) -> int:
    """Prints the table as it is made; gives how many targets were missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="once, on small models")
    smoke = parser.parse_args(arguments).smoke
    print(f"{'figure':52}{'measured':>14}{'at most':>12}", flush=True)
    missed = 0
    for figure in figures(smoke):
        figure = replace(figure, most=None) if smoke else figure
        missed += figure.met is False
        print(figure, flush=True)
    if not smoke:
        print(f"\n{missed} of the targets missed." if missed else "\nAll targets met.")
    return missed


if __name__ == "__main__":
    main()
