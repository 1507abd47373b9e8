"""`python -m archmagic model.txt` explains a printed model in the terminal; torch is not needed."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from .errors import ArchmagicError
from .options import LEVELS

CANNOT_READ = 2
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status: 0, or 2 where the input cannot be explained."""
    options = _parser().parse_args(arguments)
    try:
        text = _output(options)
        if options.html:
            Path(options.html).write_text(text, encoding="utf-8")
        else:
            _print(text)
    except BrokenPipeError:
        # `archmagic model.txt | head`: the reader has seen enough. Python would complain when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"archmagic: {error.filename}: {error.strerror}" if error.filename else f"archmagic: {error}", file=sys.stderr)
        return CANNOT_READ
    except ArchmagicError as error:
        print(f"archmagic: {error}", file=sys.stderr)
        return CANNOT_READ
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m archmagic",
        description="Explains a printed PyTorch model (what print(model) gives): what it is, how data flows, what each part does.",
    )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="a file with the printed model; - or nothing: standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the explanation as JSON (schema archmagic/1)")
    form.add_argument("--markdown", action="store_true", help="print it as Markdown")
    form.add_argument("--html", metavar="OUT", help="write it as one interactive page to the file OUT")
    parser.add_argument("--level", choices=LEVELS, help="for whom it is written (practitioner)")
    parser.add_argument("--depth", type=int, metavar="N", help="how many levels of the model are shown (chosen by size)")
    parser.add_argument("--no-color", action="store_true", help="no colours, which a terminal gets otherwise")
    return parser


def _output(options: argparse.Namespace) -> str:
    from .explanation import explain

    if options.file.endswith(".py"):
        raise ArchmagicError(
            f"{options.file} is Python code. This command reads a printed model: put print(model) into the code and pipe its output "
            "here. In a notebook, explain(model) takes the model itself, and %%explain_arch the code that builds it."
        )
    if options.file.endswith(".ipynb"):
        raise ArchmagicError(
            f"{options.file} is a notebook. This command reads a printed model: save what print(model) gave there as text. In it, "
            "explain(model) takes the model itself."
        )
    explanation = explain(_read(options.file), level=options.level, depth=options.depth)
    if options.json:
        return json.dumps(explanation.to_dict(), indent=1, ensure_ascii=False)
    if options.markdown:
        return explanation.to_markdown()
    if options.html:
        return explanation.to_html()
    # https://no-color.org
    color = sys.stdout.isatty() and not options.no_color and not os.environ.get("NO_COLOR")
    return explanation.to_text(width=min(shutil.get_terminal_size((100, 24)).columns, 120), color=color)


def _read(file: str) -> str:
    if file == "-":
        if sys.stdin.isatty():
            print("Paste a printed model, then press Ctrl-D (Ctrl-Z and Enter on Windows):", file=sys.stderr)
        data = sys.stdin.buffer.read()
    else:
        data = Path(file).read_bytes()
    # PowerShell's `>` writes UTF-16.
    if b"\0" in data[:1000] and data[:2] not in UTF_16:
        raise ArchmagicError(
            f"{'This' if file == '-' else file} is no text. This command reads a printed model, what print(model) gives; weights alone do "
            "not tell how a model is built."
        )
    return data.decode("utf-16" if data[:2] in UTF_16 else "utf-8-sig", "replace")


def _print(text: str) -> None:
    """Prints `text` in the terminal's encoding, "?" standing for what it lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.rstrip("\n").encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
