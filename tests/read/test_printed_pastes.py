"""A print is read the same in whatever wrapping people paste it."""

from __future__ import annotations

import pytest

from archmagic.read.printed import read_print
from archmagic.tree import Tree, find, print_tree, walk
from tests.printed import printed

SEED = printed("gpt2-seed").rstrip()
LINES = SEED.split("\n")


def deep(line: str) -> int:
    return (len(line) - len(line.lstrip())) // 2


def said(tree: Tree) -> list[tuple[object, ...]]:
    return [(v.path, v.node.type, v.node.args, v.node.settings, v.node.tensors, v.node.unread, v.node.notes) for v in walk(tree.root)]


WRAPPINGS = {
    "a prompt before it": "Prompt: Given this model architecture, explain it to me (as a beginner):\n" + SEED,
    "a prompt on its line": "Prompt: Given this model architecture, explain: " + SEED,
    "prose after it": SEED + "\n\nThis is GPT-2 (small). Its Embedding(50257, 768) is large.\nWhat does it do?\n",
    "a Markdown fence": "Explain\n```python\n" + SEED + "\n```\nthanks (a lot)",
    "a fence and a layer in the answer": "```\n" + SEED + "\n```\nThe head is\n```\nLinear(in_features=768, out_features=50257)\n```\n",
    "a fence of tildes": "~~~\n" + SEED + "\n~~~",
    "a Python prompt": ">>> model\n" + SEED + "\n>>> ",
    "a Python prompt on its line": ">>> " + SEED,
    "an IPython prompt on its line": "Out[3]: " + SEED,
    "IPython prompts": "In [3]: model\nOut[3]: \n" + SEED + "\n\nIn [4]: ",
    "print(model) before it": "print(model)\n" + SEED,
    "an assignment": "model = " + SEED,
    "a string in code": 'explain("""' + SEED + '""")',
    "a string in code from the next line": "text = '''\n" + SEED + "\n'''",
    "ANSI colours": "\x1b[31m" + SEED.replace("(h)", "\x1b[1;32m(h)\x1b[0m") + "\x1b[0m",
    "ANSI colours without their escape": "[31m" + SEED.replace("(h)", "[1;32m(h)[0m") + "[0m",
    "Windows line ends": SEED.replace("\n", "\r\n"),
    "old Macintosh line ends": SEED.replace("\n", "\r"),
    "a tab for each level": "\n".join("\t" * deep(line) + line.lstrip() for line in LINES),
    "a tab for eight spaces": SEED.replace(" " * 8, "\t"),
    "indentation of all lines": "\n".join("    " + line for line in LINES),
    "a quotation in Markdown": "\n".join("> " + line for line in LINES),
    "comments in code": "# the model:\n" + "\n".join("# " + line for line in LINES) + "\nmodel.train()",
    "the rank of a process": "\n".join("[rank0]: " + line for line in LINES),
    "a log line": "2026-11-22 12:00:00,123 INFO root: " + SEED + "\n2026-11-22 12:00:01 INFO done (ok)",
    "a log's times": "\n".join(f"2026-11-22 12:00:{at:02},{at:03} - INFO - {line}" for at, line in enumerate(LINES)),
    "a container's times": "\n".join(f"2026-11-22T12:00:{at:02}.{at:09}Z {line}" for at, line in enumerate(LINES)),
    "times in brackets": "\n".join(f"[12:00:{at:02}] {line}" for at, line in enumerate(["loading (a lot)", *LINES, "done"])),
    "a system log": "\n".join(f"Nov  2 12:00:{at:02} gpu01 train[42]: {line}" for at, line in enumerate(LINES)),
    "a page's source": SEED.replace(" ", "&nbsp;").replace("'", "&#39;"),
    "line numbers": "\n".join(f"{number:3} {line}" for number, line in enumerate(LINES, 1)),
    "line numbers and tabs": "\n".join(f"{number:6}\t{line}" for number, line in enumerate(LINES, 1)) + "\n",
    "line numbers and bars": "\n".join(f"{number} | {line}" for number, line in enumerate(LINES, 40)),
    "spaces that do not break": SEED.replace("  ", "\u00a0\u00a0"),
    "a byte order mark": "\ufeff" + SEED,
    "blank lines between": SEED.replace("\n", "\n\n"),
    "trailing spaces": "\n".join(line + "   " for line in LINES),
    "escaped line ends": '"' + SEED.replace("\n", "\\n") + '"',
    "GraphModule's code after it": SEED + "\n\n\n\ndef forward(self, x):\n    fc = self.fc(x);  x = None\n    return fc\n",
}

LOST_INDENTATION = {
    "lines flush left": "\n".join(line.strip() for line in LINES),
    "all on one line": " ".join(line.strip() for line in LINES),
    "all on one line without spaces": "".join(line.strip() for line in LINES),
    "one space for each level": "\n".join(" " * deep(line) + line.lstrip() for line in LINES),
    "four spaces for each level": "\n".join("    " * deep(line) + line.lstrip() for line in LINES),
    "the first lines flush left": "\n".join([*(line.strip() for line in LINES[:3]), *LINES[3:]]),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_the_wrapping_is_taken_off(name: str) -> None:
    tree = read_print(WRAPPINGS[name])
    assert said(tree) == said(read_print(SEED))
    assert tree.text == SEED
    assert tree.notes == ()


@pytest.mark.parametrize("name", LOST_INDENTATION)
def test_lost_indentation_does_no_harm(name: str) -> None:
    tree = read_print(LOST_INDENTATION[name])
    assert said(tree) == said(read_print(SEED))
    assert print_tree(tree.root) == SEED
    assert tree.notes == ()


@pytest.mark.parametrize("width", [40, 60, 72])
def test_lines_broken_by_a_narrow_terminal_are_joined(width: int) -> None:
    broken = "\n".join(line[at : at + width] for line in LINES for at in range(0, len(line), width))
    assert said(read_print(broken)) == said(read_print(SEED))


def test_a_line_broken_once_is_joined() -> None:
    tree = read_print("A(\n  (fc): Linear(in_features=3, out_fea\ntures=2, bias=True)\n  (act): ReLU()\n)")
    assert find(tree.root, "fc").node.settings["out_features"] == 2  # type: ignore[union-attr]


def test_several_models_become_one_tree_and_print_one_after_the_other() -> None:
    tree = read_print(f"the first:\n{SEED}\n\n>>> head\nLinear(in_features=3, out_features=2, bias=True)\nNet(\n  (a): ReLU()\n)\n")
    assert tree.root.type == "3 models"
    assert [child.name for child in tree.root.children] == ["0", "1", "2"]
    assert find(tree.root, "0.transformer.h.3.ln_1") is not None
    assert print_tree(tree.root) == tree.text == SEED + "\nLinear(in_features=3, out_features=2, bias=True)\nNet(\n  (a): ReLU()\n)"


def test_equal_models_fold_and_print_as_often_as_they_stand_there() -> None:
    tree = read_print("Net(\n  (a): ReLU()\n)\nNet(\n  (a): ReLU()\n)")
    assert tree.root.type == "2 models"
    assert len(tree.root.children) == 1
    assert str(tree) == tree.text


def test_a_part_of_a_model_is_read_as_one() -> None:
    tree = read_print("    (lm_head): Linear(in_features=768, out_features=50257, bias=False)\n  )")
    assert tree.root.type == "Linear"
    assert "at its lm_head" in tree.notes[0]


def test_parts_of_a_model_keep_the_names_they_have_in_it() -> None:
    tree = read_print("\n".join(LINES[5:-1]))
    assert [child.name for child in tree.root.children] == ["h", "ln_f", "lm_head"]
    assert find(tree.root, "h.[0-11].attn") is not None


def test_a_layer_in_a_sentence_is_read() -> None:
    root = read_print("What does `Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2))` do (roughly)?").root
    assert (root.type, root.settings["kernel_size"]) == ("Conv2d", (7, 7))


@pytest.mark.parametrize("text", ["GCN(16, 7, num_layers=3)", "Out[12]: GCN(16, 7, num_layers=3)", "model = GCN(16, 7, num_layers=3)"])
def test_a_class_that_hides_its_tree_is_read_as_it_prints(text: str) -> None:
    tree = read_print(text)
    assert tree.root.type == "GCN"
    assert tree.root.tensors is None
    assert tree.root.settings["num_layers"] == 3
    assert str(tree) == "GCN(16, 7, num_layers=3)"
