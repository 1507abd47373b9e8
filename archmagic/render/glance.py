"""What a row says at a glance, in a few words: a layer's sizes, in what equal-looking siblings differ, how a list's rows follow each other.

"768 → 2,304", "sliding attention", "attention: 4 × [5 sliding, 1 full], 2 sliding".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..story.story import Part
from ..tree import Node, Value, join

if TYPE_CHECKING:
    from .turns import Row

SIZES = {
    ("in_features", "out_features"): "→", ("in_channels", "out_channels"): "→", ("nx", "nf"): "→", ("input_size", "hidden_size"): "→",
    ("num_embeddings", "embedding_dim"): "×",
}  # fmt: skip
"""Settings that say how large a layer is, as torch names them, and what stands between them."""
MORE = {"kernel_size": "kernel {}", "stride": "stride {}", "dilation": "dilation {}", "groups": "{} groups", "num_layers": "{} layers"}
"""What else matters, where it is not 1."""
TELLING = {"attention", "feed-forward", "experts", "mixer", "recurrent", "convolution"}
"""Kinds of parts that a block is called after."""
MOST_WORD = 32
MOST_PATTERN = 160


def sizes(node: Node) -> str:
    """The sizes of a layer that has such settings: "3 → 64, kernel 7, stride 2"; "" for others, whose settings are shown as printed."""
    settings = node.settings
    for (first, second), between in SIZES.items():
        into, out = settings.get(first), settings.get(second)
        if type(into) is int and type(out) is int:
            text = f"{into:,} {between} {out:,}"
            for name, more in MORE.items():
                if (value := settings.get(name)) and not _is_one(value):
                    text += f", {more.format(_number(value))}"
            return f"{text}, no bias" if settings.get("bias") is False else text
    return ""


def _is_one(value: Value) -> bool:
    return value == 1 or (isinstance(value, tuple) and set(value) == {1})


def _number(value: Value) -> str:
    """2 of 2 and (2, 2); 3 × 5 of (3, 5)."""
    if isinstance(value, tuple) and len(set(value)) > 1:
        return " × ".join(map(str, value))
    number = value[0] if isinstance(value, tuple) else value
    return f"{number:,}" if type(number) is int else str(number)


def words(siblings: Sequence[Row], parts: Mapping[str, Part]) -> list[str]:
    """For each of some rows beside each other a few words that tell it from those of its type, "" where there are none."""
    kinds = _own([row.visit.node.type for row in siblings])
    found = [_difference(row, parts) for row in siblings]
    return [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(kinds, found, strict=True)]


def _difference(row: Row, parts: Mapping[str, Part]) -> str:
    """The first of its differences, as words: the value of a setting, what a part is."""
    first = row.differs.partition(", ")[0]
    name, sign, value = first.partition("=")
    if sign:
        return value.replace("_", " ") if re.fullmatch(r"[A-Za-z]\w+", value) and value not in ("True", "False", "None") else ""
    name, sign, kind = first.partition(": ")
    if not sign:
        return first.replace("_", " ")
    part = parts.get(join(row.visit.path, name))
    if part is None or part.kind not in TELLING:
        return ""
    return part.title[:1].lower() + part.title[1:] if part.title[1:2].islower() else part.title or kind


def _own(types: Sequence[str]) -> list[str]:
    """What is only in some of the names of types: Mamba and Attention of JambaMambaDecoderLayer and JambaAttentionDecoderLayer."""
    split = [re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|\W", kind) for kind in types]
    shared = set.intersection(*map(set, split))
    return ["".join(word for word in words if word not in shared) for words in split]


def pattern(siblings: Sequence[Row], told: Sequence[str]) -> str:
    """How the rows of a list follow each other, "" where there is no more to see than each row says."""
    if len(siblings) < 2 or not all(told) or max(map(len, told)) > MOST_WORD or len(set(told)) < 2:
        return ""
    shared, short = _shortened(told)
    groups: list[tuple[int, list[str]]] = []
    for row, word in zip(siblings, short, strict=True):
        repeat = row.visit.child.repeat if row.visit.child else None
        if repeat and repeat.period > 1:
            if row.turn == 0:
                groups.append((repeat.count, []))
            groups[-1][1].append(f"{row.width} {word}")
        else:
            groups.append((1, [f"{repeat.count if repeat else 1} {word}"]))
    if all(times == 1 for times, _ in groups):
        groups = _repeated([turn for _, turns in groups for turn in turns])
    text = shared + ", ".join(f"{times} × [{', '.join(turns)}]" if times > 1 else ", ".join(turns) for times, turns in groups)
    return text if len(text) <= MOST_PATTERN else ""


def _shortened(told: Sequence[str]) -> tuple[str, list[str]]:
    """("attention: ", ["sliding", "full"]) of "sliding attention" and "full attention": what all end in is said once."""
    split = [text.split(" ") for text in told]
    end = 0
    while len({words[-1 - end] for words in split}) == 1 and all(len(words) > end + 1 for words in split):
        end += 1
    shared = " ".join(split[0][len(split[0]) - end :])
    return f"{shared}: " if shared else "", [" ".join(words[: len(words) - end]) for words in split]


def _repeated(turns: list[str]) -> list[tuple[int, list[str]]]:
    """The shortest turns that come again and again, and how often; what is left at the end by itself."""
    for size in range(1, len(turns) // 2 + 1):
        times = 1
        while turns[times * size : (times + 1) * size] == turns[:size]:
            times += 1
        if times > 1 and len(turns) - times * size < size:
            return [(times, turns[:size]), *((1, [turn]) for turn in turns[times * size :])]
    return [(1, [turn]) for turn in turns]
