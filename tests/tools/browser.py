"""Finds a Chromium or Chrome that starts, else installs one: `python -m tests.tools.browser` prints its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

LAUNCH_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
MISSING = """\
No Chromium or Chrome starts here, and none could be installed. The browser tests need one:
  - install Chromium or Chrome, or name one: ARCHMAGIC_BROWSER=/path/to/chrome make test
  - or, where its download can be reached: .venv/bin/playwright install --with-deps chromium"""


def find() -> str | None:
    """The path of the first browser that starts, None if none does."""
    return next((path for path in _candidates() if _starts(path)), None)


def find_or_install() -> str:
    """The path of a browser that starts. Ends the program, saying what to do, where there is none to be had."""
    if path := find():
        return path
    if named := os.environ.get("ARCHMAGIC_BROWSER"):
        sys.exit(f"ARCHMAGIC_BROWSER={named} does not start as a browser.")
    print("No browser found; installing one", file=sys.stderr)
    for command in _installers():
        print("+", " ".join(command), file=sys.stderr, flush=True)
        if subprocess.run(command, stdout=sys.stderr).returncode == 0 and (path := find()):
            return path
    sys.exit(MISSING)


def _candidates() -> Iterator[str]:
    if named := os.environ.get("ARCHMAGIC_BROWSER"):
        yield named
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield from (place for place in PLACES if Path(place).exists())
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        yield own


def _installers() -> Iterator[list[str]]:
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    yield playwright
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        yield [*playwright[:-1], "--with-deps", "chromium"]  # a browser that lacks its system libraries does not start
        yield ["apt-get", "update", "-q"]
        yield ["apt-get", "install", "-yq", "--no-install-recommends", "chromium"]


def _starts(path: str) -> bool:
    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS, timeout=60_000).close()
    except Error:
        return False
    return True


if __name__ == "__main__":
    print(find_or_install())
