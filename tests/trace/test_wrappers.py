"""Passes through what people put around models, and through kinds of modules that are run otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

from archmagic import explain
from archmagic.tree import Forward

from .models import Language


def followed(model: nn.Module, inputs: object) -> Forward:
    forward = explain(model, inputs=inputs).forward
    assert forward is not None
    assert forward.failed is None, forward.failed
    return forward


def test_data_parallel() -> None:
    forward = followed(nn.DataParallel(Language()), (1, 16))
    assert forward.steps[0].path == "module"
    assert forward.steps[-1].path == "module.head"


COMPILED = """
import torch
from archmagic import explain
from tests.trace.models import Language
inner = Language()
models = [torch.compile(inner), Language()]
models[1].h[0] = torch.compile(models[1].h[0])
models.append(Language()); models[2].compile()
for model in models:
    forward = explain(model, inputs=(1, 16)).forward
    assert forward.failed is None, forward.failed
    print(forward.steps[-1].path, [data.text for data in forward.outputs])
"""


@pytest.mark.slow
def test_compiled_models_in_a_process_of_their_own() -> None:
    """A compiled module called under FakeTensorMode has ended the process."""
    done = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == [f"{path} ['(B, T, 50)']" for path in ("_orig_mod.head", "head", "head")]


@pytest.mark.parametrize("make", [torch.jit.script, lambda m: torch.jit.trace(m, torch.ones(2, 8))], ids=["script", "trace"])
@pytest.mark.filterwarnings("ignore")
def test_script_modules_give_shapes(make: object) -> None:
    model = make(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4)))  # type: ignore[operator]
    forward = followed(model, (2, 8))
    assert [data.shape for data in forward.outputs] == [(2, 4)]
    assert forward.flops == 2 * 2 * (8 * 16 + 16 * 4)


def test_weight_and_spectral_norm_and_parametrizations() -> None:
    from torch.nn.utils import parametrizations

    model = nn.Sequential(
        parametrizations.weight_norm(nn.Linear(8, 8)),
        parametrizations.spectral_norm(nn.Linear(8, 8)),
        nn.utils.spectral_norm(nn.Linear(8, 4)),
    )
    assert [data.text for data in followed(model, (2, 8)).outputs] == ["(B, 4)"]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers(kind: type[nn.RNNBase]) -> None:
    forward = followed(kind(8, 16, batch_first=True, bidirectional=True), (2, 10, 8))
    assert forward.outputs[0].shape == (2, 10, 32)
    assert forward.flops > 0


class Packed(nn.Module):
    """A recurrent layer over sequences of several lengths, as many tutorials have it."""

    def __init__(self, kind: type[nn.RNNBase] = nn.LSTM, batch_first: bool = True) -> None:
        super().__init__()
        self.emb = nn.Embedding(50, 8)
        self.rnn = kind(8, 16, num_layers=2, bidirectional=True, batch_first=batch_first)
        self._first = batch_first

    def forward(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        x = self.emb(ids) if self._first else self.emb(ids).transpose(0, 1)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=self._first, enforce_sorted=False)
        out, state = self.rnn(packed)
        padded, sizes = nn.utils.rnn.pad_packed_sequence(out, batch_first=self._first)
        return padded, sizes, *(state if isinstance(state, tuple) else (state,))


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_packed_sequences_have_the_shapes_of_a_real_pass(kind: type[nn.RNNBase], batch_first: bool) -> None:
    model, inputs = Packed(kind, batch_first), (torch.ones(3, 9, dtype=torch.int64), torch.tensor([4, 7, 2]))
    assert [data.shape for data in followed(model, inputs).outputs] == [tuple(t.shape) for t in model(*inputs)]


def test_a_packed_step_costs_what_it_costs_unpacked() -> None:
    model = Packed()
    each = followed(model.rnn, (1, 13, 8)).flops
    assert followed(model, (torch.ones(3, 9, dtype=torch.int64), torch.tensor([4, 7, 2]))).flops == each


def test_lengths_are_made_up_as_long_as_the_sequences() -> None:
    forward = followed(Packed(), "auto")
    assert [data.shape for data in forward.inputs] == [(1, 128), (1,)]
    assert forward.outputs[0].shape == (1, 128, 32)


def test_tensors_that_are_no_buffers() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)
            self.table = torch.arange(64.0).reshape(8, 8)
            self.shift = nn.Parameter(torch.ones(8))
            self.hidden = [nn.Parameter(torch.ones(8))]

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x) @ self.table + self.shift * self.hidden[0]

    assert [data.text for data in followed(Plain(), (2, 8)).outputs] == ["(B, 8)"]


def test_devices_named_in_forward_are_overruled() -> None:
    class Moves(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(x.to("meta")) + torch.ones(8, device="cuda")

    assert [data.text for data in followed(Moves(), (2, 8)).outputs] == ["(B, 8)"]


def test_shared_modules_and_tied_weights_are_put_back() -> None:
    shared = nn.Linear(8, 8)
    model = nn.Sequential(shared, nn.ReLU(), shared, nn.Linear(8, 8))
    model[3].weight = shared.weight
    weight, bias = shared.weight, shared.bias
    forward = followed(model, (2, 8))
    assert (model[0].weight, model[2].weight, model[3].weight, shared.bias) == (weight, weight, weight, bias)
    assert [step.calls for step in forward.steps if step.path == "0"] == [2, 2]


def test_inner_values_that_follow_from_inputs_alone_are_known() -> None:
    class Ends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(20, 8)

        def forward(self, ids: Tensor) -> Tensor:
            kept = ids[ids != 0]  # how many, only the values tell
            return self.table(kept)[: int(kept.max())]

    forward = followed(Ends(), torch.tensor([[3, 0, 2, 0, 4]]))
    assert [data.shape for data in forward.outputs] == [(3, 8)]


def test_experts_without_a_float32_kernel_run_in_bfloat16_and_say_so() -> None:
    class Experts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, 16, 16))

        def forward(self, x: Tensor) -> Tensor:
            ends = torch.full((4,), 8, dtype=torch.int32).cumsum(0, dtype=torch.int32)
            return torch._grouped_mm(x, self.weight, offs=ends)

    forward = followed(Experts(), (32, 16))
    assert forward.outputs[0].dtype == "bfloat16"
    assert any("bfloat16" in note for note in forward.notes)
    assert forward.flops == 2 * 32 * 16 * 16


def test_a_lazy_layer_is_asked_to_run_once_first() -> None:
    forward = explain(nn.Sequential(nn.LazyLinear(4)), inputs=(2, 8)).forward
    assert forward is not None
    assert forward.failed is not None
    assert "Run one batch" in forward.failed.error


def test_inputs_are_made_up_for_a_script_and_its_parts_are_not_said_to_be_idle() -> None:
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(torch.relu(self.conv(x)).mean((2, 3)))

    traced = torch.jit.trace(Small().eval(), torch.zeros(1, 3, 16, 16))
    forward = explain(traced, inputs="auto").forward
    assert forward is not None
    assert forward.failed is None
    assert forward.outputs[0].text == "(B, 2)"
    assert forward.never_called == ()
    assert any("ScriptModule" in note for note in forward.notes)


def test_a_weight_that_another_part_reads_is_not_said_to_be_idle() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared, self.encoder = nn.Embedding(10, 4), nn.Embedding(10, 4)
            self.encoder.weight = self.shared.weight

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.encoder(x)

    forward = explain(Tied(), inputs=torch.zeros(1, 3, dtype=torch.long)).forward
    assert forward is not None
    assert forward.never_called == ()
