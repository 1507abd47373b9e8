"""What is promised of size and growth, by counts that no machine changes. Times are told by `make bench` and judged by no test."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from archmagic import PrintedModelError, explain
from archmagic.read import read
from archmagic.read.printed import LONGEST_TEXT
from archmagic.render.document import document
from archmagic.render.payload import sent

from .__main__ import main
from .figures import STATIC, long_print, spread_by_depth
from .measure import peak, shown
from .models import Mixture, build, chain, different


@pytest.mark.slow
def test_the_table_has_a_line_for_each_figure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--smoke"])
    table = capsys.readouterr().out
    for name in ("GPT-2", "mixture", "deep", "wide", "import archmagic", "%load_ext", "first explain", "a print of", "memory", "text/html"):
        assert re.search(rf"^.*{re.escape(name)}.* -?\d", table, re.MULTILINE), name


def test_memory_stays_under_20_mb_and_1_kb_a_module() -> None:
    shown(build(lambda _: Mixture(1, 8)))  # what is loaded once
    model = build(lambda _: Mixture(layers=4, experts=64, width=64, inner=32))
    assert peak(lambda: shown(model)) < 20e6 + 1000 * sum(1 for _ in model.modules())


@pytest.mark.parametrize("make", [chain, different])
def test_memory_grows_with_the_modules(make: type) -> None:
    shown(build(lambda _: make(20)))
    small, large = (peak(lambda n=n: shown(build(lambda _: make(n)))) for n in (100, 200))  # type: ignore[misc]
    assert large < 3 * small


def test_calls_grow_with_the_modules() -> None:
    """Four times as many modules cost at most four times as many calls, and what is the same for all."""
    shown(build(lambda _: Mixture(1, 8)))
    small, large = (_calls(shown, build(lambda _, n=n: Mixture(layers=n, experts=32, width=64, inner=32))) for n in (4, 16))  # type: ignore[misc]
    assert large < 4.2 * small


@pytest.mark.parametrize("make", [chain, different])
def test_no_step_goes_over_all_modules_for_each(make: Callable[[int], nn.Module]) -> None:
    """Twice as many modules of which none are alike, or each in the other, cost about twice as many calls."""
    shown(build(lambda _: make(20)))
    small, large = (_calls(shown, build(lambda _, n=n: make(n))) for n in (400, 800))  # type: ignore[misc]
    assert large < 2.6 * small


def _calls(do: Callable[[Any], object], given: object) -> int:
    """How many functions are called and left while it is done."""
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        do(given)
    finally:
        sys.setprofile(before)
    return count


def test_the_output_does_not_grow_with_depth() -> None:
    assert spread_by_depth() < 200


def test_what_travels_is_small() -> None:
    assert (STATIC / "view.js").stat().st_size <= 40 * 1024
    for model in (Mixture(4, 8, 64, 32), different(300), chain(300)):
        explanation = explain(model)
        assert len(sent(explanation)) <= 30_000
        assert len(document(explanation).encode()) <= 100_000


def test_a_text_above_the_limit_is_refused_and_told_the_limit() -> None:
    with pytest.raises(PrintedModelError, match=f"{LONGEST_TEXT + 1:,} characters; at most {LONGEST_TEXT:,} are read"):
        explain("x" * (LONGEST_TEXT + 1))


def test_a_long_print_is_read_in_steps_that_grow_with_it() -> None:
    explain(long_print(1000, 8))
    small, large = (_calls(read, long_print(size, 8)) for size in (20_000, 80_000))
    assert large < 4.4 * small
