"""A forward that fails: where, on what shapes, what was expected there, and what would make it fit."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archmagic import ArchmagicError, explain
from archmagic.tree import Failure


def failure(model: nn.Module, inputs: object) -> Failure:
    forward = explain(model, inputs=inputs).forward
    assert forward is not None
    assert forward.failed is not None
    return forward.failed


def of(build: object, run: object) -> nn.Module:
    """A model whose parts `build` gives by name, and whose forward is `run`."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, part in build().items():  # type: ignore[operator]
                setattr(self, name, part)

        def forward(self, x: Tensor) -> Tensor:
            return run(self, x)  # type: ignore[operator]

    return Model()


CASES = {
    "wrong size after flattening": (
        lambda: {"conv": nn.Conv2d(1, 8, 3), "fc": nn.Linear(8 * 28 * 28, 10)},
        lambda m, x: m.fc(F.relu(m.conv(x)).flatten(1)), (2, 1, 28, 28), "fc",
        ("takes a last dimension of 6,272; this one has 5,408", "8 x 26 x 26 of (2, 8, 26, 26), flattened; in_features=5408 would"),
    ),
    "not flattened": (
        lambda: {"conv": nn.Conv2d(1, 8, 3), "pool": nn.AdaptiveAvgPool2d(1), "fc": nn.Linear(8, 10)},
        lambda m, x: m.fc(m.pool(m.conv(x))), (2, 1, 28, 28), "fc", (".flatten(1) gives (2, 8)",),
    ),
    "channels last": (
        lambda: {"conv": nn.Conv2d(3, 8, 3)}, lambda m, x: m.conv(x), (2, 64, 64, 3), "conv", ("3 channels", ".permute(0, 3, 1, 2)"),
    ),
    "channels last, one-dimensional": (
        lambda: {"conv": nn.Conv1d(16, 8, 3)}, lambda m, x: m.conv(x), (2, 50, 16), "conv", (".permute(0, 2, 1)",),
    ),
    "no channel": (
        lambda: {"conv": nn.Conv2d(1, 8, 3)}, lambda m, x: m.conv(x), (2, 28, 28), "conv", ("without a batch", ".unsqueeze(1)"),
    ),
    "no batch": (lambda: {"conv": nn.Conv2d(3, 8, 3)}, lambda m, x: m.conv(x), (64, 64), "conv", ("4 dimensions", ".unsqueeze(0)")),
    "channels not second before a norm": (
        lambda: {"fc": nn.Linear(10, 20), "bn": nn.BatchNorm1d(20)},
        lambda m, x: m.bn(m.fc(x)), (2, 5, 10), "bn", ("20 channels in the second dimension; this one has 5", ".transpose(1, 2)"),
    ),
    "norm of another width": (lambda: {"ln": nn.LayerNorm(10)}, lambda m, x: m.ln(x), (2, 20), "ln", ("(10,); here they are (20,)",)),
    "ids that are no whole numbers": (
        lambda: {"emb": nn.Embedding(100, 16)}, lambda m, x: m.emb(x), torch.zeros(2, 5), "emb", ("whole numbers", "float32", ".long()"),
    ),
    "an id without a row": (
        lambda: {"emb": nn.Embedding(100, 16)},
        lambda m, x: m.emb(x), torch.full((2, 5), 100), "emb", ("takes ids from 0 to 99",),
    ),
    "more positions than there are": (
        lambda: {"pos": nn.Embedding(64, 16)},
        lambda m, x: x + m.pos(torch.arange(x.shape[1])), (1, 80, 16), "pos", ("takes ids from 0 to 63",),
    ),
    "another type than the weights'": (
        lambda: {"fc": nn.Linear(8, 8)},
        lambda m, x: m.fc(x), torch.zeros(2, 8, dtype=torch.half), "fc", ("weights of Linear are float32", "float16", ".float()"),
    ),
    "a recurrent layer's tuple": (
        lambda: {"lstm": nn.LSTM(10, 20, batch_first=True), "fc": nn.Linear(20, 2)},
        lambda m, x: m.fc(m.lstm(x)), (2, 5, 10), "fc", ("was given a tuple",),
    ),
    "a lost return": (lambda: {"fc": nn.Linear(8, 8)}, lambda m, x: m.fc(print("", end="")), (2, 8), "fc", ("given None", "`return`")),
    "sides of a residual that differ": (
        lambda: {"c1": nn.Conv2d(8, 16, 3, 2, 1)},
        lambda m, x: m.c1(x) + x, (2, 8, 32, 32), "",
        ("(2, 16, 16, 16) of c1 and (2, 8, 32, 32) of the input x bring 16 with 8 and 16 with 32",),
    ),
    "heads that do not divide the width": (
        lambda: {"qkv": nn.Linear(100, 300)},
        lambda m, x: m.qkv(x).chunk(3, -1)[0].view(2, 5, 8, 100 // 8), (2, 5, 100), "",
        ("takes 960 numbers", "(2, 5, 100) of qkv has 1,000"),
    ),
    "a view after a transpose": (
        lambda: {"fc": nn.Linear(8, 8)}, lambda m, x: m.fc(x).transpose(1, 2).view(2, 40), (2, 5, 8), "", (".reshape(...)",),
    ),
    "keys not transposed": (
        lambda: {"q": nn.Linear(8, 8), "k": nn.Linear(8, 8)},
        lambda m, x: m.q(x) @ m.k(x), (2, 5, 8), "", ("Here they are 8 and 5", "With .transpose(-2, -1) on the right they fit"),
    ),
    "maps of different sizes joined": (
        lambda: {"down": nn.Conv2d(3, 8, 3, 2, 1), "up": nn.Upsample(scale_factor=2)},
        lambda m, x: torch.cat((m.up(m.down(x)), x), 1), (1, 3, 33, 33), "", ("(1, 8, 34, 34) of up", "dimension 2 and 3"),
    ),
    "a part that is not there": (lambda: {"fc1": nn.Linear(8, 8)}, lambda m, x: m.fc2(x), (2, 8), "", ("Its parts are fc1.",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_expected_is_told(case: str) -> None:
    build, run, inputs, path, told = CASES[case]
    found = failure(of(build, run), inputs)
    assert found.path == path
    for words in told:
        assert words in found.expected
    assert found.line
    assert found.line.startswith("test_failing.py:")
    assert found.reason == "error"


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (nn.Linear(2, 2), torch.zeros(1, 3)),
        (nn.Linear(2, 2), torch.zeros(1, 2, dtype=torch.long)),
        (of(dict, lambda m, x: x + torch.zeros(3, 5)), torch.zeros(3, 4)),
        (of(dict, lambda m, x: x.view(5, 2)), torch.zeros(3, 4)),
        (of(dict, lambda m, x: torch.cat((x, torch.zeros(2, 4)), 1)), torch.zeros(3, 4)),
    ],
)
def test_errors_are_worded_as_on_real_tensors(model: nn.Module, inputs: Tensor) -> None:
    with pytest.raises(RuntimeError) as real:
        model(inputs)
    assert failure(model, inputs).error == f"RuntimeError: {real.value}"


def test_the_line_is_shown_in_text_and_data() -> None:
    explanation = explain(of(lambda: {"fc": nn.Linear(8, 8)}, lambda m, x: m.fc(x)), inputs=(1, 9))
    assert ': "return run(self, x)".' in explanation.to_text(1000) or "lambda m, x: m.fc(x)" in explanation.to_text(1000)
    failed = explanation.to_dict()["forward"]["failed"]  # type: ignore[index]
    assert failed["code"]
    assert failed["shapes"] == [[1, 9]]


def test_an_error_that_forward_catches_is_not_told() -> None:
    def run(model: nn.Module, x: Tensor) -> Tensor:
        try:
            return x + torch.zeros(7)
        except RuntimeError:
            return x

    forward = explain(of(dict, run), inputs=(1, 8)).forward
    assert forward is not None
    assert forward.failed is None


class Free(nn.Module):
    """Passes on what it does not name, as transformers' models do."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_dim = self.in_features = 768
        self.table = nn.Embedding(10, 768)

    def forward(self, input_ids: Tensor | None = None, mask: Tensor | None = None, **more: object) -> Tensor:
        if input_ids is None:
            raise ValueError("no ids")
        return self.table(input_ids)


def test_a_name_that_forward_does_not_know_is_told_with_the_nearest_that_it_does() -> None:
    found = failure(Free(), {"inputs_ids": (1, 5)})
    assert found.expected == "Its forward names no argument inputs_ids; did you mean input_ids?"


def test_what_a_model_calls_its_width_is_not_said_to_be_what_it_takes() -> None:
    assert "last dimension" not in failure(Free(), {"mask": torch.zeros(1, 5)}).expected


@pytest.mark.parametrize("inputs", [{"x": (1, 8)}, (torch.zeros(1, 8), torch.zeros(1))])
def test_arguments_that_do_not_fit_are_told_with_those_that_would(inputs: object) -> None:
    assert failure(nn.Sequential(nn.Linear(8, 8)), inputs).expected == "Its forward takes input."


@pytest.mark.parametrize("shape", [(None, 3, 8, 8), (-1, 3, 8, 8)])
def test_a_shape_with_a_gap_is_refused_with_a_word_on_what_to_give(shape: object) -> None:
    with pytest.raises(ArchmagicError, match="is no shape; give each size"):
        explain(nn.Conv2d(3, 8, 3), inputs=shape)
