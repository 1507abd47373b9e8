"""Settings that are not what they should be, as a damaged print or a library of its own gives them, spoil no explanation."""

from __future__ import annotations

import re

import pytest
from torch import nn

import archmagic
from archmagic import ArchmagicError

ODD = (">", "-1", "0", "None", "1.5", "(1, 2, 3)", "()", "((2, 2), 2)", "'x'", "True", "1e9", "9" * 30, "...", "")

CONVOLUTIONAL = """Net(
  (stem): Conv2d(3, 16, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)
  (bn): BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (pool): MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)
  (down): Sequential(
    (0): Block(
      (conv1): Conv2d(16, 32, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1), groups=1)
      (act): LeakyReLU(negative_slope=0.2)
      (conv2): Conv2d(32, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    )
  )
  (up): ConvTranspose2d(32, 16, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), output_padding=(0, 0))
  (flatten): Flatten(start_dim=1, end_dim=-1)
  (fc): Linear(in_features=512, out_features=10, bias=True)
)"""

SEQUENCE = """Model(
  (embed): Embedding(1000, 64, padding_idx=0)
  (positions): Embedding(128, 64)
  (rnn): LSTM(64, 32, num_layers=2, batch_first=True, dropout=0.1, bidirectional=True)
  (layers): ModuleList(
    (0-3): 4 x Layer(
      (norm): LayerNorm((64,), eps=1e-05, elementwise_affine=True)
      (attn): MultiheadAttention(
        (out_proj): NonDynamicallyQuantizableLinear(in_features=64, out_features=64, bias=True)
      )
      (q_proj): Linear(in_features=64, out_features=64, bias=False)
      (k_proj): Linear(in_features=64, out_features=16, bias=False)
      (v_proj): Linear(in_features=64, out_features=16, bias=False)
      (o_proj): Linear(in_features=64, out_features=64, bias=False)
      (up): Linear(in_features=64, out_features=256, bias=True)
      (down): Linear(in_features=256, out_features=64, bias=True)
      (drop): Dropout(p=0.1, inplace=False)
    )
  )
  (conv): Conv1d(64, 64, kernel_size=(3,), stride=(1,), padding=(1,), groups=64)
  (head): Linear(in_features=64, out_features=1000, bias=False)
)"""

VALUE = re.compile(r"(?<==)(\([^()]*\)|[^,()\n]+)(?=[,)])|(?<=[(\s])[0-9]+(?=,)")


def values(text: str) -> list[tuple[int, int]]:
    """Where each value among the arguments of a print stands."""
    return [match.span() for match in VALUE.finditer(text)]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("text", [CONVOLUTIONAL, SEQUENCE], ids=["convolutional", "sequence"])
def test_any_setting_may_be_something_else(text: str, odd: str) -> None:
    assert len(values(text)) > 30
    for start, end in values(text):
        damaged = f"{text[:start]}{odd}{text[end:]}"
        try:
            explanation = archmagic.explain(damaged)
        except ArchmagicError:
            continue
        assert explanation.to_text()
        assert explanation._repr_mimebundle_()[0]["text/html"]


class Empty(nn.Module):
    """Layers of whatever width is asked for, also of none."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, inner, 3, padding=1)
        self.flat = nn.Flatten()
        self.fc = nn.Linear(inner * 4, width)
        self.head = nn.Linear(width, 2)


class Heads(nn.Module):
    """Attention whose head counts say nothing of use."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, width)
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, inner) for _ in range(3))
        self.o_proj = nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width)
        self.num_heads = self.head_dim = 0


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("make", [Empty, Heads])
@pytest.mark.parametrize("width", [0, 1, 4])
@pytest.mark.parametrize("inner", [0, 1, 8])
def test_layers_may_be_of_no_width(make: type[nn.Module], width: int, inner: int) -> None:
    model = nn.Sequential(*[make(width, inner) for _ in range(2)])
    for given in (model, repr(model)):
        explanation = archmagic.explain(given)
        assert explanation.to_text()
        assert explanation._repr_mimebundle_()[0]["text/html"]
    fact = archmagic.explain(model).facts.get("num_parameters")
    assert fact is not None
    assert fact.value == sum(parameter.numel() for parameter in model.parameters())
