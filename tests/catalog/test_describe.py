"""describe(): the catalog without a model."""

from __future__ import annotations

import doctest
import subprocess
import sys
from types import ModuleType

import pytest
from torch import nn

from archmagic import ArchmagicError, describe, description
from archmagic.catalog import shapes, wording


def test_describe_stays_a_function_whatever_is_imported_first() -> None:
    code = "import archmagic; archmagic.Description; import archmagic.description; assert archmagic.describe('Linear').specific"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_a_dotted_name_and_a_class_say_the_same() -> None:
    assert describe("Conv2d") == describe("torch.nn.Conv2d") == describe(nn.Conv2d) == describe(" Conv2d ")


def test_a_description_holds_all_that_is_known() -> None:
    conv = describe("Conv2d")
    assert conv.title == "Convolution (2-D)" and conv.specific
    assert conv.parameters == "out_channels × (in_channels / groups) × prod(kernel_size) + (out_channels if bias else 0)"
    assert conv.shapes[0] == "(N, in_channels, H, W)"
    assert conv.shapes[1].startswith("(N, out_channels, H_out, W_out), H_out = (H + 2 × padding[0]")
    assert conv.docs == "https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html"
    assert conv.settings["stride"].startswith("The window moves by `stride` at a time")


def test_layers_without_parameters_say_so_and_unknown_ones_do_not() -> None:
    assert describe("GELU").parameters == "0"
    assert describe("Frobnicator").parameters == ""
    assert describe("LlamaAttention").parameters == ""


def test_an_unknown_name_gets_the_generic_entry() -> None:
    unknown = describe("Frobnicator")
    assert not unknown.specific and unknown.title == "Module" and unknown.name == "Frobnicator"
    assert not describe("").specific


@pytest.mark.parametrize(("name", "near"), [("linear", "Linear"), ("Linaer", "Linear"), ("conv2d", "Conv2d")])
def test_a_name_that_is_nearly_one_says_which(name: str, near: str) -> None:
    found = describe(name)
    assert not found.specific and near in found.nearest
    assert "There are entries on " in str(found) and near in found._repr_markdown_()
    assert describe("Frobnicator").nearest == () and describe("Linear").nearest == ()


def test_a_layer_as_it_is_printed_or_written_is_described_by_its_class() -> None:
    assert describe("Linear(in_features=3, out_features=2)") == describe("nn.Linear(3, 2)") == describe("Linear")


def test_a_subclass_is_described_by_its_base() -> None:
    class Projection(nn.Linear):
        pass

    class Network(nn.Module):
        pass

    assert describe(Projection).title == "Linear layer" and describe(Projection).specific
    assert not describe(Network).specific


@pytest.mark.parametrize("wrong", [None, 3, nn.Linear(1, 1), ["Linear"], b"Linear"])
def test_anything_else_is_an_error_that_says_what_is_taken(wrong: object) -> None:
    with pytest.raises(ArchmagicError, match=r"describe\('Conv2d'\)"):
        describe(wrong)  # type: ignore[arg-type]


def test_it_reads_as_text_and_as_markdown() -> None:
    text = str(describe("Linear"))
    assert text.startswith("Linear: Linear layer\n") and "Formula:    y = x Wᵀ + b" in text and "{value}" not in text
    markdown = describe("Linear")._repr_markdown_()
    assert markdown.startswith("### Linear layer (`Linear`)") and "- **Formula**: `y = x Wᵀ + b`" in markdown


def test_a_name_cannot_leave_its_code_span() -> None:
    assert "`a'<b>'`" in describe("a`<b>`")._repr_markdown_()


@pytest.mark.parametrize("module", [description, shapes, wording])
def test_the_docstrings_examples_hold(module: ModuleType) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted and not tried.failed
