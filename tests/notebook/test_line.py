"""The line of %explain_arch and %%explain_arch: an expression, options, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from archmagic.explanation import Explanation
from archmagic.notebook.line import split_line

from .conftest import Cells
from .test_magic import explained


def test_the_line_magic_takes_any_expression(loaded: Cells) -> None:
    loaded.run("models = {'a  b': [nn.ReLU(), nn.Linear(3, 2)]}")
    assert explained(loaded.run("%explain_arch models['a  b'][ -1 ]")) == "Linear(in_features=3, out_features=2, bias=True)"
    assert explained(loaded.run("%explain_arch nn.Linear(5 -1, 2) --depth 1")) == "Linear(in_features=4, out_features=2, bias=True)"
    assert explained(loaded.run("%explain_arch --level expert models['a  b'][0]")) == "ReLU()"


def test_the_line_magic_reads_a_print_of_one_line(loaded: Cells) -> None:
    ran = loaded.run("%explain_arch Linear(in_features=3, out_features=2, bias=True)")
    assert explained(ran) == "Linear(in_features=3, out_features=2, bias=True)"
    assert "%explain_arch --code" in ran.printed


def test_a_semicolon_silences_the_line_magic(loaded: Cells) -> None:
    assert loaded.run("%explain_arch nn.ReLU();").bundles == []


def test_a_semicolon_silences_behind_an_option_too(loaded: Cells, tmp_path: Path) -> None:
    ran = loaded.run(f"%explain_arch nn.ReLU() --save {tmp_path / 'a.txt'};")
    assert (tmp_path / "a.txt").exists()
    assert not ran.bundles


def test_a_dollar_or_a_brace_in_the_line_is_not_expanded(loaded: Cells) -> None:
    loaded.run("m = nn.ReLU()\nname = 'm'")
    assert explained(loaded.run("%explain_arch {'$name': m, '{name}': m}['{name}']")) == "ReLU()"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%explain_arch", "Say what to explain"),
        ("%explain_arch modle", "modle is not defined. Modules here: model"),
        ("%explain_arch x = 3", "is no expression"),
        ("%explain_arch 3", "not an int"),
        ("%explain_arch model --depth many", "--depth"),
        ("%explain_arch model --depth -1", "depth"),
        ("%explain_arch model --level guru", "beginner"),
        ("%explain_arch model --lvel expert", "has no option --lvel. Did you mean --level?"),
        ("%explain_arch model --frobnicate", "has no option --frobnicate. %explain_arch --help lists them."),
        ("%explain_arch model --var model", "not both"),
        ("%explain_arch model --print --code", "exclude each other"),
        ("%explain_arch model --save model.pdf", ".html"),
        ("%%explain_arch model\nmodel", "takes its model from the cell"),
        ("%%explain_arch --print --var model\nmodel", "--var"),
        ("%%explain_arch\n   \n", "empty"),
        ("%%explain_arch\n3 + 4", "its last line's value is of type int"),
        ("%%explain_arch\nclass Net(nn.Module):\n    pass", "It defines the class Net: end it with Net(...), or name one"),
    ],
)
def test_wrong_use_is_told_in_one_useful_line(loaded: Cells, line: str, says: str) -> None:
    loaded.run("model = nn.ReLU()")
    error = loaded.fail(line)
    assert isinstance(error, UsageError)
    assert says in str(error)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--save model.pdf", ".html"),
        ("--save no/such/folder/model.html", "there is no folder"),
        ("--memory lots", "24 GB"),
        ("--inputs '(1, 3'", "this is no expression"),
        ("--levle expert", "Did you mean --level?"),
    ],
)
def test_wrong_values_are_told_before_the_cell_runs(loaded: Cells, options: str, says: str) -> None:
    error = loaded.fail(f"%%explain_arch {options}\nran = True\nnn.ReLU()")
    assert isinstance(error, UsageError)
    assert says in str(error)
    assert "ran" not in loaded.shell.user_ns


@pytest.mark.parametrize("body", ["if (a): Model()\nif (b): Other()\nfoo bar", "def f(self): Linear("])
def test_code_with_a_mistake_is_not_taken_for_a_print(loaded: Cells, body: str) -> None:
    assert isinstance(loaded.fail(f"%%explain_arch\n{body}"), SyntaxError)


# Options


def test_text_prints_the_explanation(loaded: Cells) -> None:
    ran = loaded.run("%explain_arch nn.Linear(3, 2) --text")
    assert ran.bundles == []
    assert ran.printed.strip() == loaded.run("print(explain(nn.Linear(3, 2)))").printed.strip()


def test_depth_and_level_reach_the_explanation(loaded: Cells) -> None:
    explanation = loaded.run("%%explain_arch --depth 2 --level=beginner\nnn.Linear(3, 2)").value
    assert (explanation.depth, explanation.level) == (2, "beginner")


def test_save_writes_the_file_and_shows_it_too(loaded: Cells, tmp_path: Path) -> None:
    target = tmp_path / "my model.json"
    ran = loaded.run(f'%%explain_arch --save "{target}"\nnn.Linear(3, 2)')
    assert json.loads(target.read_text())["schema"] == "archmagic/1"
    assert f"Saved to {target}" in ran.printed
    assert isinstance(ran.value, Explanation)


@pytest.mark.parametrize("line", ["%explain_arch -h", "%explain_arch --help", "%%explain_arch -h\nnn.ReLU()"])
def test_help_lists_the_options(loaded: Cells, line: str) -> None:
    printed = loaded.run(line).printed
    for option in ("--depth", "--level", "--var", "--text", "--save", "--print", "--code"):
        assert option in printed


def test_a_question_mark_documents_the_magic(loaded: Cells) -> None:
    documentation = loaded.shell.object_inspect("%%explain_arch")["docstring"]
    assert "--save" in documentation
    assert "Explain a PyTorch architecture" in documentation


def test_the_same_in_a_terminal(loaded: Cells) -> None:
    loaded.shell.display_formatter.active_types = ["text/plain"]
    assert set(loaded.run("%explain_arch nn.ReLU()").bundles[-1]) == {"text/plain"}


@pytest.mark.parametrize(
    ("line", "options", "expression"),
    [
        ("", [], ""),
        ("model", [], "model"),
        ("--depth 3 model", ["--depth", "3"], "model"),
        ("model --depth=3 --text", ["--depth=3", "--text"], "model"),
        ("f('--text', x) --save 'a b.html'", ["--save", "a b.html"], "f('--text', x)"),
        ("a - -b -1", [], "a - -b -1"),
        ("a --b", ["--b"], "a"),
        ("a--b", [], "a--b"),
        ("-h", ["-h"], ""),
        ("--var", ["--var"], ""),
        ("model --inputs torch.zeros(1, 3) --text", ["--inputs", "torch.zeros(1, 3)", "--text"], "model"),
        ('--inputs dict(ids=(1, 3), name="a b") model', ["--inputs", 'dict(ids=(1, 3), name="a b")'], "model"),
        ("model --inputs=[1, 3]", ["--inputs=[1, 3]"], "model"),
        ("--inputs (1, model", ["--inputs", "(1,"], "model"),
        ("model --memory 8 GB --text", ["--memory", "8 GB", "--text"], "model"),
        ("--lev expert model", ["--lev", "expert"], "model"),
        ("--level --text model", ["--level", "--text"], "model"),
    ],
)
def test_a_line_is_split_into_options_and_expression(line: str, options: list[str], expression: str) -> None:
    assert split_line(line) == (options, expression)


# Data to follow


@pytest.mark.parametrize("inputs", ["auto", "(1, 3)", '"(1, 3)"', "{'input': (1, 3)}", "shape"])
def test_inputs_may_be_any_expression(loaded: Cells, inputs: str) -> None:
    loaded.run("shape = (1, 3)")
    value = loaded.run(f"%%explain_arch --inputs {inputs}\nnn.Linear(3, 2)").value
    assert [data.shape for data in value.forward.outputs] == [(1, 2)]


def test_what_fits_into_memory_is_told(loaded: Cells) -> None:
    value = loaded.run("%%explain_arch --memory 24GB --inputs (1, 3)\nnn.Linear(3, 2)").value
    assert "What fits into 24GB" in [section.title for section in value.story.sections]
    with pytest.raises(UsageError, match="24 GB"):
        loaded.run("%%explain_arch --memory much\nnn.Linear(3, 2)")


def test_inputs_may_be_what_the_cell_makes(loaded: Cells) -> None:
    value = loaded.run("%%explain_arch --inputs x --trace real\nimport torch\nx = torch.ones(5, 3)\nmodel = nn.Linear(3, 2)").value
    assert value.forward.real
    assert [data.shape for data in value.forward.outputs] == [(5, 2)]


def test_without_inputs_nothing_is_run(loaded: Cells) -> None:
    assert loaded.run("%explain_arch nn.Linear(3, 2)").value.forward is None
