"""A forward pass as it travels to the view."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from archmagic import Explanation, explain
from archmagic.render.payload import payload


class Net(torch.nn.Module):
    def __init__(self, inner: int = 16) -> None:
        super().__init__()
        self.a = torch.nn.Linear(8, 16)
        self.b = torch.nn.Linear(inner, 8)
        self.act = torch.nn.ReLU()
        self.idle = torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.b(self.act(self.act(self.a(x))))


def badges(data: dict[str, Any]) -> dict[str, str]:
    names = (data["strings"][at] for at in data["nodes"]["segment"])
    return dict(zip(names, (data["strings"][at] for at in data["nodes"]["badges"]), strict=True))


@pytest.fixture(scope="module")
def passed() -> Explanation:
    return explain(Net(), inputs=torch.zeros(3, 8))


def test_without_inputs_there_is_no_pass() -> None:
    assert payload(explain(Net()))["forward"] is None


def test_steps_are_in_order_with_the_operations_between_modules(passed: Explanation) -> None:
    data = payload(passed)
    steps, strings = data["forward"]["steps"], data["strings"]
    rows = [strings[data["nodes"]["segment"][node]] for node in steps["node"]]
    assert rows == ["", "a", "act", "b", ""]
    assert [strings[op] for op in steps["op"]] == ["", "", "", "", "add"]
    assert steps["depth"] == [0, 1, 1, 1, 1]
    assert strings[steps["exact"][1]] == "(3, 8) → (3, 16)"


def test_what_is_called_twice_or_never_says_so(passed: Explanation) -> None:
    marks = badges(payload(passed))
    assert marks["act"] == "called twice"
    assert marks["idle"] == "never called"
    assert marks["a"] == ""


def test_where_forward_fails_is_told_with_its_message() -> None:
    data = payload(explain(Net(inner=12), inputs=torch.zeros(3, 8)))
    row, text = data["forward"]["failed"]
    assert data["strings"][data["nodes"]["segment"][row]] == "b"
    assert "RuntimeError" in text and "(3, 16)" in text and ".." not in text
    assert "failed here" in badges(data)["b"]
