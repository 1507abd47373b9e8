"""IPython in a real terminal: text as wide as it is, no HTML, and the plain repr of a module."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")

PROMPT = r"In \[\d+\]: "


def test_a_session_in_a_terminal(tmp_path: Path) -> None:
    arguments = ["-m", "IPython", "--no-banner", "--simple-prompt", "--no-confirm-exit", "--colors=NoColor"]
    environment = {
        "TERM": "xterm-256color",
        "IPYTHONDIR": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    terminal = pexpect.spawn(sys.executable, arguments, env=environment, encoding="utf-8", dimensions=(50, 90), timeout=120)

    def run(line: str) -> str:
        terminal.expect(PROMPT)
        terminal.sendline(line)
        terminal.expect_exact("\n")  # the echo
        terminal.expect(r"(?=\r?\nIn \[)")
        return str(terminal.before)

    run("%load_ext archmagic")
    run("from torch import nn; model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())")
    assert "(0): Linear(in_features=3, out_features=2, bias=True)" in run("model")
    shown = run("explain(model)")
    assert "8 parameters" in shown
    assert "<" not in shown.replace("< 0.1 %", "")
    assert all(len(line) <= 90 for line in shown.splitlines() if "\x1b" not in line)
    assert "8 parameters" in run("%explain_arch model")
    assert "modle is not defined" in run("%explain_arch modle")
    terminal.sendeof()
    terminal.close()
