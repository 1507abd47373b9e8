"""`make zoo`: reads and judges every model type (or those named on the command line).

Fails where a letter or a count is off, where a fact is in no config and not listed in disagreements.toml with a reason, and where one
listed there is not said any more."""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from .disagreements import listed, unsettled
from .measure import Result, Verdict, measure
from .models import model_types


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__)
    parser.add_argument("types", nargs="*", help="model types; all by default")
    parser.add_argument("--missed", action="store_true", help="also list what was not found")
    options = parser.parse_args()
    types = options.types or model_types()
    with multiprocessing.get_context("spawn").Pool(min(2, len(types)), maxtasksperchild=80) as pool:
        found = list(_progress(pool.imap_unordered(measure, types, chunksize=1), len(types)))
    results = sorted((result for result in found if result), key=lambda result: result.model_type)
    report(results, len(types), options.missed)
    open_questions = unsettled(results)
    known = listed()
    settled = sum(len((result.printed.wrong | result.live.wrong) & known.get(result.model_type, set())) for result in results)
    print(f"\nDisagreements with configs: {settled} listed with their reasons in disagreements.toml, {len(open_questions)} not settled.")
    for question in open_questions:
        print(f"  {question}")
    return bool(open_questions) or any(result.faults for result in results)


def report(results: list[Result], tried: int, missed: bool = False) -> None:
    """Prints the figures: faults, accuracy from prints and from live modules, sizes and times."""
    faults = [(result.model_type, fault) for result in results for fault in result.faults]
    print(f"{len(results)} of {tried} model types build on the meta device, {sum(result.modules for result in results):,} modules in all.")
    print(f"Printed back to the letter, live and from their print, with exact counts: {len(results) - len({t for t, _ in faults})}.")
    for model_type, fault in faults:
        print(f"  {model_type}: {fault}")
    accuracy("From prints alone, of what they show", [(result.model_type, result.printed) for result in results], missed)
    accuracy("From live modules, every config removed", [(result.model_type, result.live) for result in results], missed)
    if results:
        seconds = [result.seconds for result in results]
        sizes = [result.html_bytes / 1000 for result in results]
        largest = max(results, key=lambda result: result.html_bytes).model_type
        print(f"\nOne display: {statistics.median(sizes):.0f} kB in the median, {max(sizes):.0f} kB at most ({largest}).")
        print(f"explain and display: {statistics.median(seconds) * 1000:.0f} ms in the median, {max(seconds):.1f} s at most.")


def accuracy(title: str, verdicts: list[tuple[str, Verdict]], missed: bool) -> None:
    right, wrong, found, lost = (
        Counter(key for _, verdict in verdicts for key, _ in getattr(verdict, name)) for name in ("right", "wrong", "found", "missed")
    )
    print(f"\n{title}:\n  {'':26}{'precision':>10}{'recall':>10}{'right':>8}{'wrong':>7}{'missed':>8}")
    for key in [*sorted(right | wrong | found | lost), None]:
        counts = [sum(counter.values()) if key is None else counter[key] for counter in (right, wrong, found, lost)]
        name = key or "all"
        print(f"  {name:26}{_ratio(counts[0], counts[1]):>10}{_ratio(counts[2], counts[3]):>10}{counts[0]:>8}{counts[1]:>7}{counts[3]:>8}")
    for model_type, verdict in verdicts:
        for key, value in sorted(verdict.missed, key=str) if missed else ():
            print(f"  missed: {model_type}: {key} = {value}")


def _ratio(good: int, bad: int) -> str:
    return f"{good / (good + bad):.3f}" if good + bad else "-"


def _progress(results: Iterable[Result | None], total: int) -> Iterator[Result | None]:
    for at, result in enumerate(results, 1):
        if sys.stderr.isatty():
            print(f"\r{at} of {total}", end="", file=sys.stderr)
        yield result
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
