from __future__ import annotations

import re

from archmagic.render.text import to_text

from .stories import small_explanation


def test_the_whole_text_reads_as_agreed() -> None:
    assert to_text(small_explanation()) == (
        "Tiny\n"
        "====\n"
        "\n"
        "A tiny model.\n"
        "\n"
        "Part                                                                Parameters   Share\n"
        "Tiny                                                                       580   100 %\n"
        "  its own bias (4,)                                                          4   0.7 %\n"
        "  blocks: ModuleList                                                       576  99.3 %\n"
        "    [0-1]: 2 x Block                                                   2 x 288  99.3 %\n"
        "      fc: Linear(in_features=8, out_features=32, bias=True)            2 x 288  99.3 %\n"
        "  head: Linear(in_features=32, out_features=8, bias=False)  [tied]       (256)\n"
        "Numbers in brackets are counted in an earlier row, which holds the same weights.\n"
        "\n"
        "How data flows\n"
        "--------------\n"
        "  1. It goes in.\n"
        "  2. Widens 8 to 32. [named]\n"
        "\n"
        "One block\n"
        "---------\n"
        "  fc: Widens 8 to 32. [derived] A habit. [assumed]\n"
        "\n"
        "What it cannot tell\n"
        "-------------------\n"
        "The data type.\n"
        "\n"
        "Marks: none, read off the model or its print; [derived] arithmetic on that; [named] follows from the\n"
        "name of a class or attribute; [assumed] a convention or a made-up choice, which may not hold here."
    )


def test_lines_keep_to_the_width_and_the_badge_survives_the_cut() -> None:
    text = to_text(small_explanation(text="A long sentence of many words. " * 9), width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert re.search(r"head: Linear\(.*\.\.\.  \[tied\] +\(256\)", text)


def test_depth_closes_rows_and_says_how_many_they_hide() -> None:
    text = to_text(small_explanation(depth=1))
    assert "  blocks: ModuleList  (2 inside)" in text
    assert "[0-1]: 2 x Block" not in text


def test_escape_sequences_from_a_model_do_not_reach_the_terminal() -> None:
    text = to_text(small_explanation(name="\x1b]0;owned\x07\u202e", text="\x1b[2J\r\x9b31mred"))
    assert all(c.isprintable() or c == "\n" for c in text)


def test_colour_only_paints() -> None:
    explanation = small_explanation()
    painted = to_text(explanation, color=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == to_text(explanation)
