"""What a pass tells of steps: their order, operations, data between them, lines."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic import explain
from archmagic.tree import Forward, Step

from .models import Attention, Block, ByHand, Language, Residual, Vision


def followed(model: nn.Module, inputs: object) -> Forward:
    forward = explain(model, inputs=inputs).forward
    assert forward is not None
    assert forward.failed is None, forward.failed
    return forward


def names(forward: Forward, parent: int | None = None) -> list[str]:
    """Path or operation of each step, of those directly inside one if it is given."""
    return [s.path if s.kind == "module" else f"{s.path} {s.op}".strip() for s in forward.steps if parent is None or s.parent == parent]


def only(forward: Forward, op: str) -> Step:
    found = [step for step in forward.steps if step.op == op]
    assert len(found) == 1, found
    return found[0]


def test_steps_come_in_the_order_of_execution_not_of_registration() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.second = nn.Linear(4, 5)
            self.first = nn.Linear(3, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.second(self.first(x))

    assert names(followed(Backwards(), (2, 3))) == ["", "first", "second"]


def test_blocks_that_do_alike_stand_once_with_their_number() -> None:
    forward = followed(Language(5), (1, 16))
    assert names(forward, 0) == ["wte", "wpe", " add".strip(), "h.[0-4]", "ln_f", "head"]
    assert {step.repeat for step in forward.steps if step.path.startswith("h.")} == {5}
    assert {step.repeat for step in forward.steps if not step.path.startswith("h.")} == {1}


def test_a_block_of_a_run_that_does_otherwise_stands_under_its_own_path() -> None:
    class Shrinking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convs = nn.ModuleList(nn.Conv2d(4, 4, 3, 2, 1) for _ in range(3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for conv in self.convs:
                x = conv(x)
            return x

    assert names(followed(Shrinking(), (1, 4, 32, 32))) == ["", "convs.0", "convs.1", "convs.2"]


def test_a_residual_addition_knows_both_its_sides() -> None:
    forward = followed(Block(), (1, 16, 32))
    steps = forward.steps
    first, second = (step for step in steps if step.op == "add")
    assert [steps[s].path if s >= 0 else "input" for data in first.inputs for s in data.sources] == ["input", "attn.out"]
    assert steps[second.inputs[0].sources[0]] is first
    assert steps[second.inputs[1].sources[0]].path == "mlp.2"


def test_an_identity_is_no_source() -> None:
    forward = followed(Residual(8, 8), (1, 8, 16, 16))
    add = only(forward, "add")
    assert add.inputs[1].sources == (-1,)


def test_attention_tells_heads_and_causality() -> None:
    step = only(followed(Attention(), (2, 16, 32)), "attention")
    assert dict(step.details) == {"heads": 4, "key_value_heads": 4, "head_dim": 8, "causal": True, "masked": False}
    assert step.line is not None
    assert step.line.startswith("models.py:")


def test_attention_written_by_hand_is_two_products_and_a_softmax() -> None:
    forward = followed(ByHand(), (2, 16, 32))
    ops = [step.op for step in forward.steps if step.kind == "function"]
    assert ops == ["matmul", "softmax", "matmul"]


def test_torchs_own_attention_is_seen_inside() -> None:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    step = only(followed(layer, (2, 16, 32)), "attention")
    assert step.path == "self_attn"
    assert step.details["heads"] == 4


def test_what_is_multiplied_and_joined_is_seen() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate, self.up = nn.Linear(8, 16), nn.Linear(8, 16)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = nn.functional.silu(self.gate(x)) * self.up(x) * 2
            return torch.cat((x, y), -1)

    assert [step.op for step in followed(Gated(), (1, 4, 8)).steps] == ["Gated", "Linear", "silu", "Linear", "mul", "cat"]


@pytest.mark.parametrize("interleaved", [False, True])
def test_rotary_application_is_seen(interleaved: bool) -> None:
    class Rotary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q = nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            q = self.q(x)
            angles = torch.arange(x.shape[1])[:, None] * torch.ones(8)
            if interleaved:
                turned = torch.stack((-q[..., 1::2], q[..., ::2]), -1).flatten(-2)
            else:
                turned = torch.cat((-q[..., 4:], q[..., :4]), -1)
            return q * angles.cos() + turned * angles.sin()

    assert [step.op for step in followed(Rotary(), (1, 4, 8)).steps] == ["Rotary", "Linear", "rotary"]


def test_a_module_called_twice_is_marked() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.act = nn.Linear(8, 8), nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.act(self.fc(self.act(x).sum(1, keepdim=True)))

    steps = [step for step in followed(Twice(), (1, 4, 8)).steps if step.path == "act"]
    assert [(step.call, step.calls) for step in steps] == [(1, 2), (2, 2)]


def test_parts_never_called_are_named_but_not_those_whose_weights_are_read() -> None:
    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.read, self.idle = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.linear(self.used(x), self.read.weight)

    forward = followed(Idle(), (1, 8))
    assert forward.never_called == ("idle",)
    assert only(forward, "linear").reads == ("read",)


def test_a_module_that_another_part_of_forward_calls_with_keywords_has_its_inputs() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(input=x)

    step = followed(Named(), (1, 8)).steps[1]
    assert [(data.name, data.shape) for data in step.inputs] == [("input", (1, 8))]


def test_a_loop_of_operations_stands_once() -> None:
    class Scan(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.fc(x)
            state = y[:, 0]
            for t in range(1, y.shape[1]):
                state = torch.tanh(state + y[:, t])
            return state

    forward = followed(Scan(), (1, 40, 8))
    assert [(step.op, step.repeat) for step in forward.steps[2:]] == [("add", 39), ("tanh", 39)]


def test_a_resnet_is_followed() -> None:
    forward = followed(Vision(), (1, 3, 64, 64))
    assert [data.text for data in forward.outputs] == ["(B, 10)"]
    assert [step.op for step in forward.steps if step.kind == "function"] == ["relu", "add", "relu", "relu", "add", "relu", "mean"]


def test_a_block_alone_is_explained_with_its_pass() -> None:
    assert "Given x (B, T, 32) = (1, 16, 32), it gives (B, T, 32)." in explain(Block(), inputs=(1, 16, 32)).to_text(1000)
