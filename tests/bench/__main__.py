"""`make bench`: explain, and what it shows, against repr, torchinfo and treescope; medians of one process, and ratios to repr."""

from __future__ import annotations

import argparse
import gc
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from .models import MODELS, build

PATIENCE = 60
"""Seconds after which a tool is not waited for."""


def explained(model: Any) -> str:
    """The output of a cell that ends in `explain(model)`."""
    import archmagic

    return str(archmagic.explain(model)._repr_mimebundle_()[0]["text/html"])


def text(model: Any) -> str:
    import archmagic

    return archmagic.explain(model).to_text()


def torchinfo(model: Any) -> str:
    import torchinfo

    return str(torchinfo.summary(model, depth=99, verbose=0))


def treescope(model: Any) -> str:
    import treescope

    return str(treescope.render_to_html(model))


TOOLS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "explain, text": text,
    "explain, html": explained,
    "torchinfo": torchinfo,
    "treescope": treescope,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("models", nargs="*", default=list(MODELS), help=f"some of {', '.join(MODELS)}")
    imports()
    for name in parser.parse_args().models:
        model = build(name)
        print(f"\n{name}, {sum(1 for _ in model.modules()):,} modules{'':12}{'time':>12}{'to repr':>10}{'shown':>12}{'to repr':>10}")
        base: tuple[float, int] | None = None
        for tool, show in TOOLS.items():
            try:
                seconds, size = measure(show, model)
            except Exception as error:
                print(f"  {tool:16} {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:100], flush=True)
                continue
            base = base or (seconds, size)
            times, sizes = seconds / base[0], size / base[1]
            print(f"  {tool:28}{milliseconds(seconds):>14}{times:>10.2f}{size / 1000:>9.1f} kB{sizes:>10.2f}", flush=True)
        del model
        gc.collect()


def measure(show: Callable[[Any], str], model: Any) -> tuple[float, int]:
    """(median seconds, bytes shown) of up to 7 runs in 10 seconds, after one to warm up.

    Raises:
        TimeoutError: a run took longer than PATIENCE.
    """
    signal.signal(signal.SIGALRM, _too_long)
    seconds: list[float] = []
    size = 0
    for run in range(8):
        signal.alarm(PATIENCE)
        start = time.perf_counter()
        size = len(show(model).encode())
        taken = time.perf_counter() - start
        signal.alarm(0)
        if run or taken > 5:  # what is slow is not run twice only to be warm
            seconds.append(taken)
        if sum(seconds) > 10:
            break
    return statistics.median(seconds), size


def imports() -> None:
    """Prints how long imports take in a fresh interpreter, each the median of five."""

    def seconds(code: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    shell = "from IPython.core.interactiveshell import InteractiveShell; shell = InteractiveShell.instance()"
    for name, before, code in (
        ("import archmagic", "pass", "import archmagic"),
        ("from archmagic import explain", "pass", "from archmagic import explain"),
        ("%load_ext archmagic", shell, f"{shell}; shell.run_line_magic('load_ext', 'archmagic')"),
        ("import torch, for comparison", "pass", "import torch"),
    ):
        print(f"{name:36}{milliseconds(seconds(code) - seconds(before)):>12}", flush=True)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.1f} ms"


def _too_long(*_: object) -> None:
    raise TimeoutError(f"took longer than {PATIENCE} s")


if __name__ == "__main__":
    main()
