"""What a cell under %%explain_arch runs as: code or a print."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from archmagic.explanation import Explanation

from .conftest import Cells, Ran

PRINT = """Sequential(
  (0): Linear(in_features=3, out_features=2, bias=True)
  (1): ReLU()
)"""


def explained(ran: Ran) -> str:
    """The print of what the cell explained."""
    assert isinstance(ran.value, Explanation), ran.value
    return ran.value.printed


# What a cell's body runs as


def test_code_runs_in_the_users_namespace(loaded: Cells) -> None:
    loaded.run("width = 3")
    assert explained(loaded.run("%%explain_arch\nmodel = nn.Linear(width, 2)\nmodel")) == repr(loaded.names["model"])


def test_what_is_shown_is_out(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\nnn.Linear(3, 2)")
    assert "text/html" in ran.bundles[-1]
    assert loaded.run("_").value is ran.value


def test_inner_magics_and_commands_work(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\n!echo from the shell\n%env ARCHMAGIC_TEST=1\nlines = !echo 4\nnn.Linear(int(lines[0]), 2)")
    assert "from the shell" in ran.printed
    assert explained(ran) == "Linear(in_features=4, out_features=2, bias=True)"
    assert explained(loaded.run("%%explain_arch\n%%time\nmodel = nn.Linear(5, 2)")) == "Linear(in_features=5, out_features=2, bias=True)"


def test_the_cell_stands_in_the_history_once(loaded: Cells) -> None:
    before = len(loaded.names["In"])
    loaded.run("%%explain_arch\nnn.Linear(3, 2)")
    assert loaded.names["In"][before:] == ["get_ipython().run_cell_magic('explain_arch', '', 'nn.Linear(3, 2)\\n')"]


def test_events_fire_once(loaded: Cells) -> None:
    fired: list[str] = []
    loaded.shell.events.register("pre_run_cell", lambda info: fired.append("pre"))
    loaded.shell.events.register("post_run_cell", lambda result: fired.append("post"))
    loaded.run("%%explain_arch\nnn.Linear(3, 2)")
    assert fired == ["pre", "post"]


def test_an_error_is_shown_once_and_fails_the_cell(loaded: Cells, capsys) -> None:
    result = loaded.shell.run_cell("%%explain_arch\nbefore = 1\n1 / 0\nnn.Linear(3, 2)", store_history=True)
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    shown = capsys.readouterr().out
    assert shown.count("ZeroDivisionError: ") == 1 or shown.count("ZeroDivisionError") == 2  # a header, and the error itself
    assert "skipping hidden" in shown
    assert loaded.names["before"] == 1


def test_a_traceback_shows_the_line_of_the_body(loaded: Cells, capsys) -> None:
    loaded.shell.run_cell("%%explain_arch\nwidth = 0\nwidth / width  # this one", store_history=True)
    assert "# this one" in capsys.readouterr().out


@pytest.mark.parametrize("body", ["model = nn.Linear(3,\nx =", "touched = 1\ny = = 2", "touched = 1\nreturn 3"])
def test_a_syntax_error_is_shown_as_any_cells_is_and_nothing_runs(loaded: Cells, body: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = loaded.shell.run_cell(f"%%explain_arch\n{body}", store_history=True)
    shown = capsys.readouterr().out
    assert isinstance(result.error_before_exec, SyntaxError)
    assert body.splitlines()[-1] in shown
    assert shown.count("File ") == 1  # the body's line, and no frame of ours or IPython's
    assert "touched" not in loaded.names


def test_a_semicolon_runs_it_and_shows_nothing(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\nmodel = nn.Linear(3, 2);  # quiet")
    assert (ran.value, ran.bundles) == (None, [])
    assert "model" in loaded.names


def test_a_semicolon_inside_is_only_a_separator(loaded: Cells) -> None:
    assert explained(loaded.run("%%explain_arch\na = 1; model = nn.Linear(3, 2)\nmodel  # ; no")) == repr(loaded.names["model"])


def test_braces_and_percent_signs_are_just_code(loaded: Cells) -> None:
    loaded.run(
        "%%explain_arch\nconfig = {'in': 3, '{x}': 2}\nname = f'{config}' + '%s {}' % '{0}'\nmodel = nn.Linear(config['in'], config['{x}'])"
    )
    assert loaded.names["name"] == "{'in': 3, '{x}': 2}{0} {}"


def test_a_value_that_is_no_model_is_shown_as_in_any_cell(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\nmodel = nn.Linear(3, 2)\nmodel(torch.zeros(1, 3)).shape")
    assert ran.bundles[0]["text/plain"] == "torch.Size([1, 2])"
    assert explained(ran) == "Linear(in_features=3, out_features=2, bias=True)"


def test_top_level_await_works_where_the_shell_awaits(loaded: Cells) -> None:
    ran = loaded.run(
        "%%explain_arch\nimport asyncio\nasync def build():\n    await asyncio.sleep(0)\n    return nn.Linear(3, 2)\nawait build()"
    )
    assert explained(ran) == "Linear(in_features=3, out_features=2, bias=True)"
    assert explained(loaded.run("%%explain_arch --var m\nm = await build()\n3")) == explained(ran)


def test_an_error_after_an_await_can_be_caught_in_the_cell(loaded: Cells) -> None:
    code = "import asyncio\ntry:\n    await asyncio.wait_for(asyncio.sleep(9), 0.01)\nexcept TimeoutError:\n    model = nn.Linear(3, 2)"
    assert explained(loaded.run(f"%%explain_arch\n{code}")) == repr(loaded.names["model"])


def test_where_the_shell_does_not_await_it_says_so_and_runs_nothing(loaded: Cells) -> None:
    loaded.run("%autoawait off")
    error = loaded.fail("%%explain_arch\ntouched = 1\nimport asyncio\nawait asyncio.sleep(0)")
    assert isinstance(error, UsageError)
    assert "awaits" in str(error)
    assert "touched" not in loaded.names


# Which model


def test_the_last_expression_wins_over_assignments(loaded: Cells) -> None:
    assert explained(loaded.run("%%explain_arch\na = nn.ReLU()\nb = nn.Linear(3, 2)\na")) == "ReLU()"


def test_else_the_module_assigned_last_and_the_others_are_named(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\na = nn.ReLU()\nb = nn.Linear(3, 2)\nc = 'no model'\na = nn.GELU()")
    assert explained(ran).startswith("GELU")
    assert "The cell also made b" in ran.printed


def test_what_an_inner_magic_assigned_counts(loaded: Cells) -> None:
    assert explained(loaded.run("%%explain_arch\nexec('hidden = nn.Linear(3, 2)')")) == repr(loaded.names["hidden"])


def test_a_module_that_was_there_before_does_not_count(loaded: Cells) -> None:
    loaded.run("old = nn.Linear(3, 2)")
    error = loaded.fail("%%explain_arch\nx = 3")
    assert isinstance(error, UsageError)
    assert "left no model" in str(error)
    assert "Modules here: old" in str(error)


def test_a_name_inside_a_function_does_not_count(loaded: Cells) -> None:
    loaded.run("local = nn.ReLU()")
    assert explained(loaded.run("%%explain_arch\nmodel = nn.GELU()\ndef f():\n    local = nn.ReLU()\n    return local")).startswith("GELU")


def test_var_names_the_one_to_explain(loaded: Cells) -> None:
    assert explained(loaded.run("%%explain_arch --var a\na = nn.ReLU()\nb = nn.Linear(3, 2)\nb")) == "ReLU()"


def test_var_may_name_a_part_made_in_the_cell_or_before(loaded: Cells) -> None:
    loaded.run("before = nn.ReLU()")
    assert explained(loaded.run("%%explain_arch --var before\nx = nn.Linear(3, 2)")) == "ReLU()"
    assert "nothing is not defined" in str(loaded.fail("%%explain_arch --var nothing\nx = 1"))


def test_an_explanation_is_shown_as_it_is(loaded: Cells) -> None:
    ran = loaded.run("%%explain_arch\ne = explain(nn.ReLU(), depth=1)\ne")
    assert ran.value is loaded.names["e"]


def test_an_explanation_is_told_again_where_options_ask_for_it(loaded: Cells) -> None:
    loaded.run("e = explain(nn.ReLU())")
    assert loaded.run("%explain_arch e").value is loaded.names["e"]
    assert loaded.run("%explain_arch e --level expert").value.level == "expert"


def test_a_string_that_holds_a_print_is_explained(loaded: Cells) -> None:
    assert explained(loaded.run(f"%%explain_arch\ntext = {PRINT!r}")) == PRINT


def test_an_old_model_is_not_kept_while_the_cell_builds_the_next(loaded: Cells) -> None:
    loaded.run("import weakref, gc\nmodel = nn.Linear(3, 2)\nold = weakref.ref(model)")
    ran = loaded.run("%%explain_arch\nmodel = None\ngc.collect()\ngone = old() is None\nmodel = nn.Linear(4, 2)\nNone")
    assert loaded.names["gone"] is True
    assert "in_features=4" in explained(ran)


# Code or print


def test_a_print_is_read(loaded: Cells) -> None:
    ran = loaded.run(f"%%explain_arch\n{PRINT}")
    assert explained(ran) == PRINT
    assert ran.printed == ""


@pytest.mark.parametrize(
    "wrapped",
    [
        f"Given this model:\n\n{PRINT}\n\nWhat does it do?",
        f"```\n{PRINT}\n```",
        f">>> model\n{PRINT}",
        f"Out[3]: {PRINT}",
        "\x1b[1m" + PRINT,
        "\n".join(f"{number:3} | {line}" for number, line in enumerate(PRINT.split("\n"), 1)),
        "\n".join(f"2026-11-22 12:00:{number:02},123 - INFO - {line}" for number, line in enumerate(PRINT.split("\n"))),
        "\n".join("[rank0]: " + line for line in PRINT.split("\n")),
        "\n".join("# " + line for line in PRINT.split("\n")),
    ],
)
def test_a_print_is_read_with_what_people_paste_around_it(loaded: Cells, wrapped: str) -> None:
    assert explained(loaded.run(f"%%explain_arch\n{wrapped}")) == PRINT


@pytest.mark.parametrize("line", ["Linear(in_features=3, out_features=2, bias=True)", "GCN(16, 7, num_layers=3)"])
def test_one_line_that_could_be_both_is_read_where_its_name_is_not_defined(loaded: Cells, line: str) -> None:
    ran = loaded.run(f"%%explain_arch\n{line}")
    assert explained(ran) == line
    assert "Read this as a print, since" in ran.printed
    assert "--code" in ran.printed


def test_one_line_that_could_be_both_runs_where_its_name_is_defined(loaded: Cells) -> None:
    loaded.run("class GCN(nn.Module):\n    def __init__(self, *a, **k): super().__init__(); self.conv = nn.Linear(3, 2)")
    ran = loaded.run("%%explain_arch\nGCN(16, 7, num_layers=3)")
    assert "(conv): Linear" in explained(ran)
    assert "Ran this as code, since GCN is defined here" in ran.printed
    assert explained(loaded.run("%%explain_arch --print\nGCN(16, 7, num_layers=3)")) == "GCN(16, 7, num_layers=3)"


def test_code_can_be_forced(loaded: Cells) -> None:
    assert isinstance(loaded.fail("%%explain_arch --code\nLinear(in_features=3, out_features=2, bias=True)"), NameError)
    assert isinstance(loaded.fail(f"%%explain_arch --code\n{PRINT}"), SyntaxError)


def test_a_prompt_says_that_it_is_a_print(loaded: Cells) -> None:
    loaded.run("from torch.nn import Linear")
    ran = loaded.run("%%explain_arch\nOut[3]: Linear(in_features=3, out_features=2, bias=True)")
    assert explained(ran) == "Linear(in_features=3, out_features=2, bias=True)"
    assert ran.printed == ""


def test_a_name_that_is_missing_in_code_is_an_error_and_no_print(loaded: Cells) -> None:
    assert isinstance(loaded.fail("%%explain_arch\nmodel = Missing(3, 2)"), NameError)
    assert isinstance(loaded.fail("%%explain_arch\nx = 3\nMissing(3, 2)"), NameError)
    assert isinstance(loaded.fail("%%explain_arch\nmissing"), NameError)


def test_a_text_with_no_model_is_told_as_wrong_use(loaded: Cells) -> None:
    error = loaded.fail("%%explain_arch --print\nhello there")
    assert isinstance(error, UsageError)
