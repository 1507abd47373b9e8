"""Runs every Python, JavaScript and browser test, or with the word `platforms` those of tests/platforms; the last line is the count."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .install import ROOT
from .npm import npm


def javascript() -> tuple[int, int]:
    """(passed, failed) of the view's unit tests, its type check, and the comparison of the committed build with a fresh one."""
    done = npm("test", "--silent", capture=True)
    print(done.stdout)
    counts = {word: int(number) for word, number in re.findall(r"^\W*(pass|fail) (\d+)$", done.stdout, re.MULTILINE)}
    passed, failed = counts.get("pass", 0), counts.get("fail", 0)
    failed += done.returncode != 0 and not failed
    for script in ("check", "verify"):
        right = npm("run", "--silent", script).returncode == 0
        print(f"npm run {script}: {'passed' if right else 'FAILED'}", flush=True)
        passed, failed = passed + right, failed + (not right)
    return passed, failed


def python(*arguments: str) -> tuple[int, int]:
    """(passed, failed) of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        status = subprocess.run([sys.executable, "-m", "pytest", *arguments, "-rs", f"--junitxml={report}"], cwd=ROOT).returncode
        suites = ElementTree.parse(report).getroot().iter("testsuite") if report.exists() else ()
        totals = [{name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")} for suite in suites]
    failed = sum(total["failures"] + total["errors"] for total in totals)
    passed = sum(total["tests"] - total["skipped"] for total in totals) - failed
    return max(passed, 0), failed + (status != 0 and not failed)


def main() -> None:
    if sys.argv[1:] == ["platforms"]:
        results = [python("-m", "platforms", "tests")]
    else:  # the examples in docstrings, too
        results = [
            javascript(),
            python("-n", "auto", "--dist", "loadfile", "-m", "not platforms", "--doctest-modules", "archmagic", "tests"),
        ]
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
