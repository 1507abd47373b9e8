"""Operations between modules that need a second look: rotations, reshapes, masks, attention written by hand, memory."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archmagic import explain

from .models import ByHand, Language
from .test_steps import followed, only


def ops(model: nn.Module, inputs: object) -> list[str]:
    return [step.op for step in followed(model, inputs).steps if step.kind == "function"]


class Turning(nn.Module):
    """Rotates by position; a subclass says how."""

    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        angles = torch.arange(x.shape[1])[:, None] * torch.ones(4)
        return self.turn(self.q(x), angles)

    def turn(self, q: Tensor, angles: Tensor) -> Tensor:
        raise NotImplementedError


class Pairs(Turning):
    """Both numbers of each pair computed by themselves."""

    def turn(self, q: Tensor, angles: Tensor) -> Tensor:
        a, b = q.chunk(2, -1)
        return torch.cat((a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()), -1)


class Complex(Turning):
    """Pairs as complex numbers."""

    def turn(self, q: Tensor, angles: Tensor) -> Tensor:
        pairs = torch.view_as_complex(q.unflatten(-1, (-1, 2)))
        return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


@pytest.mark.parametrize("kind", [Pairs, Complex])
def test_rotary_application_is_seen_however_it_is_written(kind: type[nn.Module]) -> None:
    assert ops(kind(), (1, 4, 8)) == ["rotary"]


def test_a_decay_from_negated_weights_is_no_rotation() -> None:
    """A state space model's: exp(-A * dt) * state + B * x, which was taken for x * cos + turned(x) * sin."""

    class Scan(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dt, self.a = nn.Linear(8, 8), nn.Parameter(torch.ones(8))

        def forward(self, x: Tensor) -> Tensor:
            decay = torch.exp(-self.a * self.dt(x))
            return decay * x + torch.neg(x) * self.a

    assert "rotary" not in ops(Scan(), (1, 4, 8))


def test_a_flattened_map_is_a_step_with_both_shapes() -> None:
    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4 * 8 * 8, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.conv(x).view(x.shape[0], -1))

    step = only(followed(Classifier(), (1, 3, 8, 8)), "reshape")
    assert [data.text for data in (*step.inputs, *step.outputs)] == ["(B, 4, 8, 8)", "(B, 256)"]
    assert step.line
    assert step.line.startswith("test_operations.py:")


def test_views_that_change_nothing_and_the_splitting_of_heads_are_no_steps() -> None:
    assert ops(Language(1), (1, 16)) == ["add", "attention", "add", "add"]


def test_halves_that_are_gated_are_split_once() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.act, self.down = nn.Linear(8, 32), nn.SiLU(), nn.Linear(16, 8)

        def forward(self, x: Tensor) -> Tensor:
            gate, up = self.up(x).chunk(2, -1)
            return self.down(self.act(gate) * up)

    forward = followed(Gated(), (1, 4, 8))
    assert [data.text for data in only(forward, "split").outputs] == ["(B, T, 16)", "(B, T, 16)"]


def test_attention_written_by_hand_tells_heads_and_causality() -> None:
    forward = followed(ByHand(), (2, 16, 32))
    last = [step for step in forward.steps if step.op == "matmul"][-1]
    assert dict(last.details) == {"heads": 4, "key_value_heads": 4, "head_dim": 8, "causal": True, "masked": True}
    assert [data.text for data in last.inputs] == ["(B, 4, T, T)", "(B, 4, T, 8)"]


@pytest.mark.parametrize("way", ["fill", "where", "add"])
@pytest.mark.parametrize("kind", ["causal", "window", "padding", "none"])
def test_what_a_mask_lets_see_is_read_off_it(way: str, kind: str) -> None:
    def allowed(t: int) -> Tensor:
        back = torch.arange(t)[:, None] - torch.arange(t)
        return {
            "causal": back >= 0, "window": (back >= 0) & (back < 3), "padding": (torch.arange(t) < t - 2).expand(t, t),
            "none": torch.ones(t, t, dtype=torch.bool),
        }[kind]  # fmt: skip

    class Masked(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            scores, mask = x @ x.transpose(-2, -1), allowed(x.shape[-2])
            if way == "fill":
                scores = scores.masked_fill(~mask, float("-inf"))
            elif way == "where":
                scores = torch.where(mask, scores, torch.finfo(torch.float32).min)
            else:
                scores = scores + torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))
            return scores.softmax(-1) @ x

    last = followed(Masked(), (2, 4, 16, 8)).steps[-1]
    assert (last.details["causal"], last.details.get("window")) == (kind in ("causal", "window"), 3 if kind == "window" else None)


def test_a_mask_made_from_the_data_is_not_read() -> None:
    class Learned(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.scaled_dot_product_attention(x, x, x, attn_mask=x @ x.transpose(-2, -1))

    step = only(followed(Learned(), (2, 4, 16, 8)), "attention")
    assert step.details["causal"] is None


def test_a_window_longer_than_the_input_shows_in_the_longer_passes() -> None:
    class Windowed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            back = torch.arange(x.shape[1])[:, None] - torch.arange(x.shape[1])
            q = self.q(x)[:, None]
            return F.scaled_dot_product_attention(q, q, q, attn_mask=(back >= 0) & (back < 20))

    assert only(followed(Windowed(), (1, 16, 8)), "attention").details["window"] == 20


def test_a_part_called_twice_in_each_block_stands_twice_in_its_order() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.drop = nn.Linear(8, 8), nn.Linear(8, 8), nn.Dropout()

        def forward(self, x: Tensor) -> Tensor:
            x = x + self.drop(self.a(x))
            return x + self.drop(self.b(x))

    forward = followed(nn.Sequential(Block(), Block(), Block()), (1, 4, 8))
    assert [s.op for s in forward.steps[2:]] == ["Linear", "Dropout", "add", "Linear", "Dropout", "add"]


def test_memory_counts_what_the_pass_makes_and_no_weight() -> None:
    model = nn.Sequential(nn.Linear(1000, 500), nn.Linear(500, 100))
    forward = followed(model, (2, 1000))
    assert forward.activation_bytes == 4 * 2 * (500 + 100)
    assert forward.peak_bytes == 4 * 2 * (500 + 100)


def test_what_follows_a_loop_over_positions_keeps_its_names() -> None:
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.key, self.gate = nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            keys, gate, state, out = self.key(x), self.gate(x), x[:, 0], []
            for t in range(x.shape[1]):
                state = state * keys[:, t]
                out.append(state)
            return torch.stack(out, 1) * gate

    last = followed(Loop(), (1, 12, 8)).steps[-1]
    assert (last.op, last.outputs[0].text) == ("mul", "(B, T, 8)")


def test_operations_are_not_told_for_each_position_where_most_are_paid_once() -> None:
    class Reader(nn.Module):
        """Reads a picture, then writes words."""

        def __init__(self) -> None:
            super().__init__()
            self.see, self.words, self.out = nn.Conv2d(3, 8, 3), nn.Embedding(50, 8), nn.Linear(8, 50)

        def forward(self, ids: Tensor, pixels: Tensor) -> Tensor:
            return self.out(self.words(ids) + self.see(pixels).mean((2, 3))[:, None])

    text = explain(Reader(), inputs={"ids": (1, 4), "pixels": (1, 3, 64, 64)}).to_text(1000)
    assert "floating-point operations" in text
    assert "for each of its" not in text


def test_how_the_cost_grows_is_told() -> None:
    images = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
    assert "It grows in proportion to B × H × W." in explain(images, inputs=(1, 3, 32, 32)).to_text(1000)
    text = explain(Language(2), inputs=(1, 64)).to_text(1000)
    assert "It grows in proportion to B × T and " in text
    assert " of it in proportion to B × T²." in text


def test_growth_of_many_terms_is_not_told() -> None:
    valid = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))
    assert "It grows" not in explain(valid, inputs=(1, 3, 32, 32)).to_text(1000)


def test_attention_over_channels_is_not_told_as_attention_over_positions() -> None:
    class Channels(nn.Module):
        """Cross-covariance attention: weights between the numbers of a head, whose count no input chooses."""

        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(32, 96)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = (part.unflatten(-1, (4, 8)).permute(0, 2, 3, 1) for part in self.qkv(x).chunk(3, -1))
            return (q @ k.transpose(-2, -1)).softmax(-1) @ v

    forward = followed(Channels(), (2, 16, 32))
    assert [dict(step.details) for step in forward.steps if step.op == "matmul"] == [{}, {}]
