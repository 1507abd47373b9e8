"""How an explanation is shown."""

from __future__ import annotations

import subprocess
import sys

import pytest

import archmagic
from archmagic.notebook.display import mimebundle

from .conftest import Cells

PRINT = "Sequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n  (1): ReLU()\n)"


def test_an_explanation_is_html_and_text_and_no_widget(loaded: Cells) -> None:
    bundle = loaded.run(f"explain({PRINT!r})").bundles[-1]
    assert set(bundle) == {"text/html", "text/plain"}


def test_shown_again_it_gives_the_same_bytes(loaded: Cells) -> None:
    first = loaded.run(f"explain({PRINT!r})").html
    assert loaded.run(f"explain({PRINT!r})").html == first


def test_only_the_types_asked_for_are_made(cells: Cells) -> None:
    explanation = archmagic.explain(PRINT)
    assert set(mimebundle(explanation, include={"text/plain"})[0]) == {"text/plain"}
    assert set(mimebundle(explanation, exclude={"text/plain"})[0]) == {"text/html"}


def test_data_and_metadata_are_returned(cells: Cells) -> None:
    data, metadata = mimebundle(archmagic.explain(PRINT))
    assert data["text/plain"] == str(archmagic.explain(PRINT))
    assert metadata == {}


def test_a_terminal_gets_text_alone(loaded: Cells) -> None:
    loaded.shell.display_formatter.active_types = ["text/plain"]
    bundle = loaded.run(f"explain({PRINT!r})").bundles[-1]
    assert set(bundle) == {"text/plain"}


def test_where_the_document_fails_the_text_is_shown(loaded: Cells, monkeypatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError("our mistake")

    monkeypatch.setattr("archmagic.render.document.document", broken)
    with pytest.warns(UserWarning, match="our mistake"):
        bundle = loaded.run(f"explain({PRINT!r})").bundles[-1]
    assert set(bundle) == {"text/plain"}


def test_where_the_text_fails_the_document_is_shown(loaded: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archmagic.render.text.to_text", lambda *args: 1 / 0)
    with pytest.warns(UserWarning, match="ZeroDivisionError"):
        data, _ = mimebundle(archmagic.explain(PRINT))
    assert set(data) == {"text/html"}
    monkeypatch.setattr("archmagic.render.document.document", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mimebundle(archmagic.explain(PRINT))


def test_outside_ipython_both_forms_are_given() -> None:
    program = f"import archmagic; data, _ = archmagic.explain({PRINT!r})._repr_mimebundle_(); print(sorted(data))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['text/html', 'text/plain']\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_a_real_terminal_shows_colour_unless_the_user_says_no(tmp_path) -> None:
    shown = in_terminal(tmp_path, {})
    assert "\x1b[" in shown.split("SHOWN", 1)[1].split("END", 1)[0]
    shown = in_terminal(tmp_path, {"NO_COLOR": "1"})
    assert "\x1b[1m" not in shown.split("SHOWN", 1)[1].split("END", 1)[0]


def in_terminal(tmp_path, environment: dict[str, str]) -> str:
    """What IPython writes to a real terminal."""
    import os
    import pty

    script = tmp_path / "script.ipy"
    script.write_text(
        f"%load_ext archmagic\nprint('SHOWN')\nfrom IPython.display import display\ndisplay(explain({PRINT!r}))\nprint('END')\n"
    )
    read_end, write_end = pty.openpty()
    environment = {**os.environ, **environment, "TERM": "xterm-256color", "IPYTHONDIR": str(tmp_path)}
    if "NO_COLOR" not in environment:
        environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "IPython", "--no-banner", str(script)],
        stdout=write_end,
        stderr=write_end,
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    os.close(write_end)
    written = b""
    while True:
        try:
            part = os.read(read_end, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        written += part
    process.wait()
    os.close(read_end)
    return written.decode()
