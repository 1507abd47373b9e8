"""What happens to prints on their way into a notebook, as hypothesis strategies: real prints, cut, mixed, wrapped, garbled."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.printed import names, printed

SCRAPS = [
    "(", ")", "\n", "  ", "\t", "[", "]", "{", "}", "'", '"', "\\", ": ", ",", "=", "->", "\r", "\x00", "\u2028", "\u00e9", "\x1b[0m",
    "\x1b]8;;http://x\x07", "```", "...", "None", "(a): ", "3 x ", "(0-3): 4 x ", "(0-999999): 1000000 x ", "(7-3): 2 x ", "Foo(",
    "(a): Foo(\n", "\n)\n", "(x) - Foo(1): y", "(0): Tensor containing: [torch.float32 of size 3x3]", "nn=Sequential(\n", "=[Foo(\n",
    ">>> ", "Out[3]: ", f"Linear(in_features=9{'9' * 400}, out_features=3, bias=True)", "\ud800", "\u202e", "\u200b", "\U0001d7d9",
    "\u0663", "\U0001f9e0", "None(", "()", "''",
]  # fmt: skip

ALIKE = str.maketrans(
    {"(": "\uff08", ")": "\uff09", ":": "\uff1a", ",": "\uff0c", "=": "\uff1d", "0": "\u0660", "a": "\u0430", " ": "\u00a0"}
)

SAMPLES = ["gpt2-seed", "transformers/bert", "transformers/xlstm", *names("forms")]


def _cut(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + text[end:]


def _put(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + scrap + text[start:]


def _many(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + scrap * 300 + text[start:]


def _instead(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + scrap + text[end:]


def _twice(text: str, start: int, end: int, scrap: str) -> str:
    return text[:end] + text[start:end] + text[end:]


def _within(text: str, start: int, end: int, scrap: str) -> str:
    """A piece stands somewhere else."""
    return text[:start] + text[end:] + text[start:end]


def _alike(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + text[start:end].translate(ALIKE) + text[end:]


def _flat(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + " ".join(line.strip() for line in text[start:end].split("\n")) + text[end:]


def _left(text: str, start: int, end: int, scrap: str) -> str:
    return text[:start] + "\n".join(line.lstrip() for line in text[start:end].split("\n")) + text[end:]


def _narrow(text: str, start: int, end: int, scrap: str) -> str:
    """As a terminal of 40 columns breaks lines."""
    pieces = (line[at : at + 40] for line in text.split("\n") for at in range(0, max(1, len(line)), 40))
    return "\n".join(pieces)


def _before_each(text: str, start: int, end: int, scrap: str) -> str:
    return "\n".join(scrap.replace("\n", "") + line for line in text.split("\n"))


WAYS: list[Callable[[str, int, int, str], str]] = [
    _cut, _put, _instead, _twice, _within, _alike, _flat, _left, _many, _narrow, _before_each,
]  # fmt: skip

_change = st.tuples(st.sampled_from(WAYS), st.floats(0, 1), st.sampled_from([0, 1, 2, 5, 17, 40, 200, 2_000]), st.sampled_from(SCRAPS))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real print, or some thousand characters of it, changed in one to a dozen places; now and then two of them mixed."""
    text = printed(draw(st.sampled_from(SAMPLES)))
    start = draw(st.sampled_from([0, 0, 0, 7, 100, 1_000]))
    text = text[start : start + draw(st.sampled_from([120, 500, 2_000, 6_000]))]
    if draw(st.integers(0, 9)) == 9:
        text += draw(st.sampled_from(["\n", "\n\nand\n\n", ""])) + printed(draw(st.sampled_from(SAMPLES)))[:800]
    for way, place, length, scrap in draw(st.lists(_change, min_size=1, max_size=12)):
        at = int(place * len(text))
        text = way(text, at, min(len(text), at + length), scrap)
    return text


anything = st.one_of(
    st.text(max_size=400),
    st.lists(st.sampled_from(SCRAPS), max_size=60).map("".join),
    st.binary(max_size=300).map(lambda data: data.decode("latin-1")),
)
"""No print at all: text, scraps of prints, bytes."""
