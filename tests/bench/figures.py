"""The figures that are promised, each with its target. Those of time are only told; `tests/bench/test_figures.py` keeps those of size."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import archmagic
from archmagic.read.printed import LONGEST_TEXT
from archmagic.render.document import document
from archmagic.render.payload import sent

from .measure import PATIENCE, SHELL, TOOLS, compare, first_over_second, over, peak, seconds, shown
from .models import MODELS, SMOKE, Mixture, build, equal

STATIC = Path(archmagic.__file__).parent / "static"
DEPTHS = (40, 80, 160)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what is measured, as told, at most what it may be, and beside it what it is made of."""

    name: str
    value: float
    most: float | None = None
    unit: str = ""
    beside: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.most is None else self.value <= self.most

    def __str__(self) -> str:
        target = "" if self.most is None else f"{self.most:,.4g}{self.unit}"
        mark = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"{self.name:52}{self.value:>10,.4g}{self.unit:4}{target:>12}  {mark:7} {self.beside}".rstrip()


def figures(smoke: bool = False) -> Iterator[Figure]:
    """All of them; for a smoke run on small models, once."""
    tools = {name: tool for name, tool in TOOLS.items() if not smoke or name != "treescope"}
    for name, make in (SMOKE if smoke else MODELS).items():
        found, modules = compare(partial(build, make), 1 if smoke else 5, tools, 2 if smoke else PATIENCE)
        yield from against_others(name, found, modules)
    yield from starting(1 if smoke else 10)
    yield from from_prints(smoke)
    yield from growing(smoke)
    yield from sizes()


def against_others(name: str, found: Mapping[str, float | str], modules: int) -> Iterator[Figure]:
    """`explain` and all that is shown, as a share of what torchinfo takes; of the mixture also in units of `repr`."""
    times = (f"{tool} {taken}" if isinstance(taken, str) else f"{tool} {1000 * taken:,.1f} ms" for tool, taken in found.items())
    beside = f"{modules:,} modules: {', '.join(times)}"
    ours, others, least = found["archmagic"], found["torchinfo"], found["repr"]
    if isinstance(ours, str):
        yield Figure(f"{name}: failed", float("inf"), 1, beside=beside)
    elif isinstance(others, str):
        yield Figure(f"{name}: where torchinfo fails", 1000 * ours, None, " ms", beside)
    else:
        yield Figure(f"{name}: of torchinfo's time", ours / others, 1, beside=beside)
    if name == "mixture" and isinstance(ours, float) and isinstance(least, float):
        yield Figure("mixture: of repr's time", ours / least, 5, "x")


def starting(runs: int) -> Iterator[Figure]:
    load = f"{SHELL}; shell.run_line_magic('load_ext', 'archmagic')"
    yield Figure("import archmagic, over bare IPython", 1000 * over(f"{SHELL}; import archmagic", SHELL, runs), 60, " ms")
    yield Figure("%load_ext archmagic, over bare IPython", 1000 * over(load, SHELL, runs), 60, " ms")
    yield Figure("the first explain of a process, over the second", 1000 * first_over_second(runs), 100, " ms")


def from_prints(smoke: bool) -> Iterator[Figure]:
    """From text alone, each time another one: NLLB-MoE's print, and a model of forty parts like it."""
    runs, parts = (1, 2) if smoke else (5, 40)
    texts = [repr(build((SMOKE if smoke else MODELS)["mixture" if smoke else "NLLB-MoE"], run)) for run in range(runs + 1)]
    for text in texts[:1]:
        archmagic.explain(text)
    one = median(seconds(summed_up, text) for text in texts[1:])
    size = len(texts[1])
    yield Figure(f"a print of {size:,} characters", 1000 * one, None if smoke else 150, " ms")
    long = held(texts[0], parts)
    many = seconds(summed_up, long)
    yield Figure(f"time a character, in a print of {len(long):,}", (many / len(long)) / (one / size), None if smoke else 1.3, "x")
    yield Figure("characters of the longest text that is read", LONGEST_TEXT)


def summed_up(text: str) -> int:
    return len(archmagic.explain(text).summary)


def held(text: str, times: int) -> str:
    """The print of a model that holds so many of that print's."""
    lines = text.split("\n")
    parts = ("\n".join([f"  (part{at}x): {lines[0]}", *(f"  {line}" for line in lines[1:])]) for at in range(times))
    return "\n".join(["Net(", *parts, ")"])


def long_print(characters: int, width: int) -> str:
    """A print of blocks of which no two are alike."""
    lines, size, at = ["Net("], 5, 0
    while size < characters:
        block = (
            f"  (block{at}): Block(\n    (fc1): Linear(in_features={width}, out_features={width + at}, bias=True)\n"
            f"    (act): GELU(approximate='none')\n    (fc2): Linear(in_features={width + at}, out_features={width}, bias=True)\n  )"
        )
        lines.append(block)
        size += len(block) + 1
        at += 1
    return "\n".join([*lines, ")"])


def growing(smoke: bool) -> Iterator[Figure]:
    """Time and memory by modules: at four times as many, at most four times as much, with a tenth for what varies."""
    layers, experts = (2, 16) if smoke else (15, 256)
    small, large = (build(lambda run, n=n: Mixture(n, experts, 7168 + run)) for n in (layers, 4 * layers))  # type: ignore[misc]
    modules = [sum(1 for _ in model.modules()) for model in (small, large)]
    took = [min(seconds(shown, model) for _ in range(1 if smoke else 3)) for model in (small, large)]
    yield Figure("time a module, at four times as many", (took[1] / modules[1]) / (took[0] / modules[0]), 1.1, "x")
    memory = peak(lambda: shown(large))
    allowed = 20e6 + 1000 * modules[1]
    yield Figure("memory at most, of what is allowed", memory / allowed, 1, beside=f"{memory / 1e6:,.1f} MB for {modules[1]:,} modules")


def sizes() -> Iterator[Figure]:
    """What travels."""
    program = len(gzip.compress((STATIC / "view.js").read_bytes(), 9))
    yield Figure("the program, minified", (STATIC / "view.js").stat().st_size / 1000, 40.96, " kB", f"{program / 1000:.1f} kB gzipped")
    for name in ("GPT-2", "BERT", "Llama-7B"):
        explanation = archmagic.explain(build(MODELS[name]))
        yield Figure(f"{name}: payload as sent", len(sent(explanation)) / 1000, 30, " kB")
        yield Figure(f"{name}: text/html", len(document(explanation).encode()) / 1000, 100, " kB")
    yield Figure(f"text/html of {', '.join(map(str, DEPTHS))} equal layers differs by", spread_by_depth(), 200, " B")


def spread_by_depth() -> int:
    """By how many bytes the output of models differs that are alike but for how many equal layers they have."""
    found = [len(document(archmagic.explain(build(lambda run, n=n: equal(n)))).encode()) for n in DEPTHS]  # type: ignore[misc]
    return max(found) - min(found)
