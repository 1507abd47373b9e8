"""What cannot be read gives an error that says where, what, and what was expected."""

from __future__ import annotations

import pytest

from archmagic.errors import PrintedModelError
from archmagic.read import grammar, printed
from archmagic.read.printed import read_print


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, 1, "this text is empty"),
        ("  \n\t\n", 1, 3, "this text is empty"),
        ("hello world", 1, 1, "no printed model"),
        ("\n\n   see f(x), table(3) and (b): c", 3, 4, "no printed model"),
        ("GPT2LMHead", 1, 1, "no printed model"),
        ("(((((", 1, 1, "no printed model"),
        ("print(model)", 1, 1, "no printed model"),
        ("Layer (type:depth-idx)     Param #\n=====\nGPT2 --\n├─Linear: 1-1   1,000\n", 1, 1, "a table of a summary"),
        (
            'Model: "sequential"\n Layer (type)   Output Shape   Param #\n dense (Dense)  (None, 10)  54090',
            1,
            1,
            "summary of a Keras model",
        ),
        ("import torch\nmodel = nn.Sequential(\n    nn.Linear(3, 2),\n)", 1, 1, "this is code"),
        ("\nmodel = GPT2LMHeadModel(config)", 2, 1, "this is code"),
        ('{"architectures": ["GPT2LMHeadModel"], "n_layer": 12}', 1, 1, "no printed model"),
    ],
)
def test_text_without_a_model_says_so_and_shows_what_a_print_looks_like(text: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(PrintedModelError, match=problem) as raised:
        read_print(text)
    error = raised.value
    assert (error.line, error.column) == (line, column)
    assert error.source == (text.split("\n")[line - 1])
    assert "Linear(in_features=768, out_features=3072, bias=True)" in error.expected
    assert "^" in str(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gpt2", "seems to be a name. Explain the model itself"),
        ("meta-llama/Llama-3.2-1B", "seems to be a name. Explain the model itself"),
        ("https://huggingface.co/gpt2", "seems to be a name. Explain the model itself"),
        ("runs/best.ckpt", "seems to be the name of a file: no file is read. Build the model, load its weights"),
        (r"C:\models\model.safetensors", "seems to be the name of a file: no file is read. Build the model, load its weights"),
        ("./prints/gpt2.txt", "seems to be the name of a file: no file is read. Explain the text in it"),
        ("OrderedDict([('fc.weight', tensor([[0.1, 0.2]]))])", "seems to be weights. Build the model, load its weights"),
        ("odict_keys(['fc.weight', 'fc.bias'])", "seems to be weights."),
        ('GPT2Config {\n  "n_embd": 768\n}', "seems to be a config. Build the model from it"),
    ],
)
def test_what_people_give_in_place_of_a_print_is_named_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(PrintedModelError) as raised:
        read_print(text)
    assert f"there is no printed model in this text, which {said}" in str(raised.value)


def test_too_long_a_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "LONGEST_TEXT", 1_000)
    with pytest.raises(PrintedModelError, match="1,013 characters; at most 1,000"):
        read_print("Sequential(\n)" + " " * 1_000)


def test_a_run_of_too_many_modules_is_refused_where_it_stands() -> None:
    with pytest.raises(PrintedModelError, match="over 200,000 modules") as raised:
        read_print("Hello\nNet(\n  (0-999999999): 1000000000 x ReLU()\n)")
    assert (raised.value.line, raised.value.column) == (3, 3)
    assert raised.value.source == "  (0-999999999): 1000000000 x ReLU()"


def test_modules_too_deep_inside_one_another_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "DEEPEST", 3)
    with pytest.raises(PrintedModelError, match="more than 3 deep") as raised:
        read_print("A(\n  (b): B(\n    (c): C(\n      (d): D(\n        (e): E()\n      )\n    )\n  )\n)")
    assert raised.value.line == 4


def test_nothing_of_a_text_is_ever_run() -> None:
    text = "Net(\n  (a): Linear(in_features=__import__('os').abort(), out_features=2)\n)"
    settings = read_print(text).root.children[0].node.settings
    assert settings["in_features"] == "__import__('os').abort()"
