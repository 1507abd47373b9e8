"""Where forward picks by values what runs next, a pass on shapes picks evenly and says so."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn

from archmagic import explain
from archmagic.render.payload import payload


class Expert(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.up, self.act, self.down = nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down(self.act(self.up(x)))
        return result


class Mixture(nn.Module):
    """Written by hand, as most are: a loop over the experts, each given the positions that picked it."""

    def __init__(self, width: int = 32, inner: int = 64, count: int = 8, picked: int = 2, way: str = "where") -> None:
        super().__init__()
        self.router = nn.Linear(width, count)
        self.experts = nn.ModuleList(Expert(width, inner) for _ in range(count))
        self._picked, self._way = picked, way  # nothing of it is a public attribute

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        weights, ids = self.router(rows).softmax(-1).topk(self._picked, dim=-1)
        out = torch.zeros_like(rows)
        if self._way == "sorted":
            order, counts = ids.flatten().argsort(), ids.flatten().bincount(minlength=len(self.experts)).cpu().numpy()
            parts = zip(self.experts, rows[order // self._picked].split([int(n) for n in counts]), strict=True)
            return out.index_add(0, order // self._picked, torch.cat([expert(part) for expert, part in parts])).reshape(x.shape)
        marked = torch.zeros(len(rows), len(self.experts))
        marked.scatter_(1, ids, 1)
        for number, expert in enumerate(self.experts):
            if self._way == "marked":
                here = marked[:, number].nonzero().flatten()
                out[here] += expert(rows[here])
            elif self._way == "where":
                here, place = torch.where(ids == number)
                out.index_add_(0, here, expert(rows[here]) * weights[here, place, None])
            elif self._way == "mask":
                mask = (ids == number).any(-1)
                out[mask] += expert(rows[mask])
            elif (here := (ids == number).any(-1).nonzero().flatten()).numel():
                out[here] = out[here] + expert(rows[here])
        return out.reshape(x.shape)


class Language(nn.Module):
    def __init__(self, **settings: object) -> None:
        super().__init__()
        self.emb = nn.Embedding(100, 32)
        self.layers = nn.ModuleList(nn.Sequential(nn.LayerNorm(32), Mixture(**settings)) for _ in range(4))  # type: ignore[arg-type]
        self.head = nn.Linear(32, 100)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.emb(ids)
        for layer in self.layers:
            x = x + layer(x)
        result: Tensor = self.head(x)
        return result


@pytest.mark.parametrize("way", ["where", "mask", "nonzero", "sorted", "marked"])
def test_experts_written_as_a_loop_get_even_shares(way: str) -> None:
    forward = explain(Language(way=way), inputs=torch.ones(2, 64, dtype=torch.int64)).forward
    assert forward is not None and forward.failed is None
    assert forward.chosen == ("layers.[0-3].1",)
    assert {step.inputs[0].text for step in forward.steps if step.path.endswith("experts.[0-7]")} == {"(B*T/4, 32)"}
    each = 4 * (2 * 32 * 8 + 2 * 2 * (2 * 32 * 64)) + 2 * 32 * 100  # of one position: routers, two experts each, the head
    assert forward.flops == 128 * each
    assert forward.growth is not None and forward.growth.at({"B": 1, "T": 1}) == each


def test_of_very_many_experts_few_run_at_the_same_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    even = explain(Language(), inputs="auto").forward
    monkeypatch.setattr("archmagic.trace.passes.MANY_MODULES", 1)
    same = explain(Language(), inputs="auto").forward
    assert even is not None and same is not None
    assert (even.choice, same.choice) == ("even", "same")
    assert (even.flops, even.growth) == (same.flops, same.growth)
    assert {step.inputs[0].text for step in same.steps if step.op == "Expert" and step.flops} == {"(B*T, 32)"}
    assert same.never_called == ()


def test_figures_of_a_made_up_choice_are_marked_and_explained() -> None:
    explanation = explain(Language(), inputs="auto", memory="1 GB")
    told = {statement.text: statement.basis for section in explanation.story.sections for statement in section.statements}
    (why,) = [text for text in told if "an even choice was made up" in text]
    assert "layers.[0-3].1" in why
    assert {basis for text, basis in told.items() if "floating-point operations, counted" in text or "A pass over" in text} == {"assumed"}
    assert '"made-up choice"' in json.dumps(payload(explanation)["strings"])
    forward = explanation.to_dict()["forward"]
    assert (forward["chosen"], forward["choice"]) == (["layers.[0-3].1"], "even")


def test_how_many_experts_a_token_passes_is_measured_where_they_are_picked() -> None:
    alone, followed = explain(Language(picked=3)), explain(Language(picked=3), inputs="auto")
    assert alone.facts.get("num_active_parameters") is None
    active, total = followed.facts.get("num_active_parameters"), followed.facts.get("num_parameters")
    assert active is not None and total is not None
    expert = 2 * 32 * 64 + 64 + 32
    assert total.value - active.value == 4 * (8 - 3) * expert
    assert "sends each token through 3 of them" in (followed.story.parts["layers.[0-3].1"].role or "")
    assert not [fact for fact in followed.facts if fact.key.startswith("contradiction")]


def test_a_pick_that_decides_no_shape_is_not_told() -> None:
    class Labels(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x).argmax(-1)

    forward = explain(Labels(), inputs=(2, 8)).forward
    assert forward is not None and forward.failed is None and forward.chosen == ()


def test_a_branch_on_values_that_are_not_picked_is_still_told_as_such() -> None:
    class Threshold(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            y = self.fc(x)
            return y[y.amax(-1) > 0.5]

    forward = explain(Threshold(), inputs=(2, 8)).forward
    assert forward is not None and forward.failed is not None and forward.failed.reason == "data"


def test_numbers_that_no_pass_on_shapes_has_are_said_to_be_missing() -> None:
    class Arrays(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) * float(self.fc(x).detach().numpy().sum())

    forward = explain(Arrays(), inputs=(2, 8)).forward
    assert forward is not None and forward.failed is not None and forward.failed.reason == "data"


@pytest.mark.slow
def test_a_loop_that_waits_for_a_pick_ends() -> None:
    class Waits(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            y = self.fc(x)
            while y.argmax(-1)[0] != 7:
                y = torch.tanh(y + x)
            return y

    forward = explain(Waits(), inputs=(1, 8)).forward
    assert forward is not None and forward.failed is not None and forward.failed.reason == "data"


def test_a_number_that_is_known_is_written_as_one() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleDict({"part_1": nn.Linear(4, 4)})

        def forward(self, x: Tensor) -> Tensor:
            which = torch.tensor(1)
            result: Tensor = self.parts[f"part_{which}"](x)
            return result

    forward = explain(Named(), inputs=(2, 4)).forward
    assert forward is not None and forward.failed is None
