"""How the bench measures: processor time, which others at work on the machine change less than the clock's, in one process; medians."""

from __future__ import annotations

import gc
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

PATIENCE = 60
"""Seconds after which a tool is not waited for."""

SHELL = "from IPython.core.interactiveshell import InteractiveShell; shell = InteractiveShell.instance()"
EXPLAINED = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import torch
shell.run_line_magic("load_ext", "archmagic")
def taken(width):
    model = torch.nn.Sequential(torch.nn.Linear(width, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    start = time.process_time()
    shell.user_ns["explain"](model)._repr_mimebundle_()
    return time.process_time() - start
first, second = taken(3), taken(5)
print(first - second)
"""


def shown(model: Any) -> int:
    """Characters of the output of a cell that ends in `explain(model)`, all its forms."""
    import archmagic

    return sum(len(str(form)) for form in archmagic.explain(model)._repr_mimebundle_()[0].values())


def torchinfo(model: Any) -> int:
    import torchinfo

    return len(str(torchinfo.summary(model, depth=99, verbose=0)))


def treescope(model: Any) -> int:
    import treescope

    return len(treescope.render_to_html(model))


def printed(model: Any) -> int:
    return len(repr(model))


Tool = Callable[[Any], int]
TOOLS: dict[str, Tool] = {"repr": printed, "archmagic": shown, "torchinfo": torchinfo, "treescope": treescope}


def seconds(tool: Tool, model: Any, patience: int = PATIENCE) -> float:
    """Processor time of one use.

    Raises:
        TimeoutError: it took longer than `patience` seconds.
    """
    gc.collect()
    with _alarm(patience):
        start = time.process_time()
        tool(model)
        return time.process_time() - start


def compare(
    build: Callable[[int], Any], runs: int, tools: Mapping[str, Tool], patience: int = PATIENCE
) -> tuple[dict[str, float | str], int]:
    """Median seconds by tool, on the same models, of which each run has a new one; an error's name where one failed; and the modules."""
    taken: dict[str, list[float]] = {name: [] for name in tools}
    failed: dict[str, str] = {}
    modules, start = 0, time.perf_counter()
    for run in range(runs + 1):
        model = build(run)
        modules = count(model)
        for name, tool in tools.items():
            if name in failed:
                continue
            try:
                taken[name].append(seconds(tool, model, patience))
            except Exception as error:
                failed[name] = type(error).__name__
        if run and time.perf_counter() - start > 60:
            break
    # The first run is for what each tool loads and keeps of classes.
    return {name: failed.get(name) or statistics.median(taken[name][1:]) for name in tools}, modules


def count(model: Any) -> int:
    """How many modules there are, however deep: torch's own way to ask ends at Python's recursion limit."""
    seen, stack = {id(model)}, [model]
    while stack:
        for child in stack.pop()._modules.values():
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                stack.append(child)
    return len(seen)


def peak(use: Callable[[], object]) -> int:
    """Bytes that Python's objects take at most while this runs, over what they took before."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        use()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def process(code: str) -> float:
    """Processor seconds of a whole Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment(), capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def over(code: str, base: str, runs: int) -> float:
    """How much longer one process takes than another; medians, after one of each that compiles what was not compiled yet."""
    process(code), process(base)
    return statistics.median(process(code) for _ in range(runs)) - statistics.median(process(base) for _ in range(runs))


def first_over_second(runs: int) -> float:
    """How much longer the first `explain` of a process takes than the second, each with all that is shown."""
    run = [sys.executable, "-c", EXPLAINED]
    given = [float(subprocess.run(run, check=True, env=_environment(), capture_output=True, text=True).stdout) for _ in range(runs)]
    return statistics.median(given)


def _environment() -> dict[str, str]:
    """As for users: what is imported is compiled once."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def _alarm(patience: int) -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(patience)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
