"""How data flows, for kinds of models that are not one stack of blocks over tokens."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from archmagic import Explanation, explain


def flow(e: Explanation) -> list[str]:
    return [s.text for section in e.story.sections if section.title.startswith("How data flows") for s in section.statements]


class Parts(nn.Module):
    def __init__(self, **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)


def test_layers_whose_sizes_fit_are_told_as_a_chain() -> None:
    steps = flow(explain(Parts(fc1=nn.Linear(784, 256), act=nn.ReLU(), fc2=nn.Linear(256, 10))))
    assert steps == ["The sizes fit one another in the order in which the layers are listed: 784 → 256 → 10."]


def test_a_flattened_image_is_told_by_its_places() -> None:
    steps = flow(explain(Parts(conv=nn.Conv2d(1, 64, 3), fc=nn.Linear(64 * 49, 10))))
    assert "1 → 64 channels, laid out as 3,136 numbers (64 × 49 places) → 10" in steps[0]


def test_layers_whose_sizes_do_not_fit_are_no_chain() -> None:
    assert flow(explain(Parts(a=nn.Linear(8, 16), b=nn.Linear(4, 16), act=nn.ReLU()))) == []


def test_a_recurrent_classifier_is_told_from_table_to_output() -> None:
    model = Parts(embedding=nn.Embedding(500, 20), gru=nn.GRU(20, 32, num_layers=2, bidirectional=True), fc=nn.Linear(64, 3))
    steps = flow(explain(model))
    assert len(steps) == 3
    assert "in two layers and both directions: at each position it gives 2 × 32 = 64 numbers" in steps[1]
    assert steps[2].startswith("fc makes 3 outputs")


def test_a_recurrent_layer_tells_its_state_directions_and_layers() -> None:
    role = explain(Parts(lstm=nn.LSTM(8, 16), fc=nn.Linear(16, 2))).story.parts["lstm"].role
    assert role == (
        "Reads a sequence step by step, in one layer: takes 8 numbers at each step, carries a hidden state and a cell of 16 numbers each "
        "along, and gives 16 numbers."
    )


def test_a_head_whose_scores_go_to_a_ctc_loss_is_told_with_how_they_are_read() -> None:
    parts = {"lstm": nn.LSTM(40, 64, bidirectional=True), "fc": nn.Linear(128, 29)}
    assert "CTC" not in " ".join(flow(explain(Parts(**parts))))
    recogniser = Parts(**parts, log_softmax=nn.LogSoftmax(-1), loss=nn.CTCLoss())
    for given in (recogniser, repr(recogniser)):
        told = explain(given)
        assert "fc makes 29 outputs: 128 → 29. The scores of fc are read by CTC" in flow(told)[-1]
        assert "repeats are merged and blanks left out" in flow(told)[-1]
        assert told.facts.get("decoding").basis == "named"  # type: ignore[union-attr]


def test_of_two_heads_beside_a_ctc_loss_the_one_named_for_it_is_told_and_else_none() -> None:
    heads = nn.Linear(64, 29), nn.Linear(64, 500)
    towers = nn.ModuleList([nn.TransformerEncoderLayer(64, 4) for _ in range(2)])
    assert explain(Parts(layers=towers, a=heads[0], b=heads[1], loss=nn.CTCLoss())).facts.get("decoding") is None
    assert explain(Parts(layers=towers, ctc=heads[0], b=heads[1], loss=nn.CTCLoss())).facts.get("decoding").evidence[0] == "ctc"  # type: ignore[union-attr]


def test_a_head_printed_as_a_convolution_over_single_steps_is_a_product() -> None:
    layers = "(layers): ModuleList(\n    (0-1): 2 x TransformerEncoderLayer(\n    (self_attn): MultiheadAttention()\n    )\n  )"
    head = "(ctc_head): FooCTCHead(64, 29, kernel_size=(1,), stride=(1,))"
    found = explain(f"FooForCTC(\n  {layers}\n  {head}\n)").facts.get("decoding")
    assert found is not None
    assert found.evidence == ("ctc_head",)


def test_a_sequential_names_a_layer_once_and_by_its_role() -> None:
    steps = flow(explain(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8))))
    assert steps == ["0, Conv2d: 3 → 8 channels by 3 × 3 filters.", "1, ReLU.", "2, BatchNorm2d: batch normalisation (2-D)."]


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(8, 8, 3), nn.InstanceNorm2d(8))


def test_equal_blocks_of_a_chain_are_told_once_with_how_many_they_are() -> None:
    steps = flow(explain(nn.Sequential(nn.Conv2d(3, 8, 3), *[Residual() for _ in range(9)], nn.Tanh())))
    told = "1 to 9, Residual nine times: a part of its own class, of ReflectionPad2d, Conv2d and InstanceNorm2d."
    assert steps[1:] == [told, "10, Tanh: hyperbolic tangent."]


def test_equal_turns_of_a_chain_are_told_once_from_three_on() -> None:
    def turns(count: int) -> list[str]:
        return flow(explain(nn.Sequential(nn.Linear(4, 8), *[x for _ in range(count) for x in (nn.Linear(8, 8), nn.ReLU())])))

    assert turns(6)[1:] == ["1 to 12, six times in turn: Linear: 8 → 8; ReLU."]
    assert turns(2)[1:] == ["1, Linear: 8 → 8.", "2, ReLU.", "3, Linear: 8 → 8.", "4, ReLU."]


def test_sequentials_in_a_sequential_tell_what_they_run() -> None:
    inner = [nn.Sequential(nn.Linear(8, 8), nn.ReLU()) for _ in range(2)]
    steps = flow(explain(nn.Sequential(*inner, nn.Linear(8, 2))))
    assert steps == ["0 and 1, Sequential twice: Linear and ReLU, one after another.", "2, Linear: 8 → 2."]


def everything(e: Explanation) -> str:
    return " ".join(s.text for section in e.story.sections for s in section.statements)


def test_where_sequentials_alone_tell_the_order_it_is_not_called_unknown() -> None:
    known = nn.Sequential(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), nn.Flatten(), nn.Linear(4, 2))
    for given in (known, repr(known)):
        assert "order of calls" not in everything(explain(given)) and "auto" not in everything(explain(given))
    residual, parts = nn.Sequential(nn.Linear(8, 8), Residual()), Parts(a=nn.Linear(2, 2), b=nn.Linear(2, 2))
    for unknown in (residual, repr(residual), repr(parts)):
        assert "order of calls" in everything(explain(unknown))
    assert "Parts has no forward, so other code calls them" in everything(explain(parts))


def test_a_class_of_ones_own_that_is_called_sequential_has_an_order_of_its_own() -> None:
    own = type("Sequential", (Parts,), {})(a=nn.Linear(2, 2), b=nn.ReLU())
    assert "Sequential has no forward, so other code calls them" in everything(explain(own))
    assert "order of calls" in everything(explain(repr(own).replace("Sequential", "Own")))


class Rearrange(nn.Module):
    """As einops' prints."""

    def __init__(self, pattern: str, **lengths: int) -> None:
        super().__init__()
        self.pattern, self.axes_lengths = pattern, lengths

    def extra_repr(self) -> str:
        return ", ".join([repr(self.pattern), *(f"{axis}={length}" for axis, length in self.axes_lengths.items())])


def over_patches(embedding: nn.Module) -> Parts:
    layer = nn.TransformerEncoderLayer(64, 4, 128)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return Parts(to_patch_embedding=embedding, transformer=encoder, head=nn.Linear(64, 5))


CUT = "b c (h p1) (w p2) -> b (h w) (p1 p2 c)"


def test_patches_that_are_laid_in_rows_for_a_product_are_a_step() -> None:
    norms = nn.LayerNorm(768), nn.LayerNorm(64)
    model = over_patches(nn.Sequential(Rearrange(CUT, p1=16, p2=16), norms[0], nn.Linear(768, 64), norms[1]))
    for given in (model, repr(model)):
        e = explain(given)
        assert flow(e)[0] == (
            "An image (B, 3, H, W) is cut into patches of 16 × 16 pixels by to_patch_embedding.0, each laid in one row of 768 numbers, "
            "which to_patch_embedding.2 turns into a vector, between two norms: (B, N, 64), where N is H/16 × W/16."
        )
        assert [e.facts.get(key).value for key in ("patch_size", "num_channels")] == [16, 3]  # type: ignore[union-attr]
        assert "normalises the sum" not in everything(e)


def test_what_einops_lays_otherwise_or_with_more_than_the_image_is_no_image_cut_into_patches() -> None:
    class Shifted(Parts):
        """Shifted copies of the image are laid beside it before it is cut."""

    others = (
        nn.Sequential(Rearrange("b c (n p) -> b n (p c)", p=16), nn.Linear(48, 64)),
        nn.Sequential(Rearrange("b t c (h p1) (w p2) -> b t (h w) (p1 p2 c)", p1=16, p2=16), nn.Linear(768, 64)),
        nn.Sequential(Rearrange(CUT, p1=16, p2=16), nn.Linear(500, 64)),
        Shifted(tokens=nn.Sequential(Rearrange(CUT, p1=16, p2=16), nn.Linear(15 * 256, 64))),
    )
    for embedding in others:
        assert explain(over_patches(embedding)).facts.get("patch_size") is None


def double(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.Conv2d(n_out, n_out, 3, padding=1))


def test_a_unet_goes_down_through_the_middle_and_up_with_what_the_way_down_had() -> None:
    model = Parts(
        stem=nn.Conv2d(3, 16, 3),
        down1=Parts(conv=double(16, 32), pool=nn.MaxPool2d(2)),
        down2=Parts(conv=double(32, 64), pool=nn.MaxPool2d(2)),
        mid=double(64, 64),
        up1=Parts(grow=nn.ConvTranspose2d(64, 64, 2, 2), conv=double(128, 32)),
        up2=Parts(grow=nn.ConvTranspose2d(32, 32, 2, 2), conv=double(64, 16)),
        head=nn.Conv2d(16, 2, 1),
    )
    steps = flow(explain(model))
    assert steps[0] == "stem turns the input from 3 into 16 channels."
    assert steps[1] == "Down: down1 and down2 give 32 and 64 channels; each halves height and width."
    assert "64 channels deep" in steps[2]
    assert steps[3].startswith("Up: up1 and up2 give 32 and 16 channels; each doubles height and width. Their convolutions take 128 and 64")
    assert steps[4] == "head makes the output of 2 channels."


def block(width: int, inner: Iterable[tuple[str, nn.Module]]) -> Parts:
    feed = Parts(up_proj=nn.Linear(width, 4 * width), act=nn.SiLU(), down_proj=nn.Linear(4 * width, width))
    return Parts(**dict(inner), mlp=feed)


class SelfAttention(Parts):
    def __init__(self, width: int) -> None:
        names = ("q_proj", "k_proj", "v_proj", "o_proj")
        super().__init__(**{name: nn.Linear(width, width, bias=False) for name in names})


class MambaMixer(Parts):
    def __init__(self, width: int) -> None:
        super().__init__(
            in_proj=nn.Linear(width, 4 * width),
            conv1d=nn.Conv1d(2 * width, 2 * width, 4, groups=2 * width),
            out_proj=nn.Linear(2 * width, width),
        )


def test_a_hybrid_counts_its_kinds_of_blocks_and_says_which_they_are() -> None:
    width = 16
    layers = [block(width, [("attn", SelfAttention(width)) if n % 4 == 3 else ("mamba", MambaMixer(width))]) for n in range(12)]
    with torch.device("meta"):
        e = explain(Parts(embed_tokens=nn.Embedding(300, width), layers=nn.ModuleList(layers), lm_head=nn.Linear(width, 300)))
    told = " ".join(flow(e))
    assert "nine mix positions by a Mamba mixer and three by attention; then a feed-forward transforms each position by itself" in told
    assert "every fourth block has attention; the three before it have a Mamba mixer" in told
    titles = [section.title for section in e.story.sections]
    assert "layers: one block with a Mamba mixer, 9 of 12 times" in titles
    assert any(s.text == "These are the blocks 3, 7 and 11." for section in e.story.sections for s in section.statements)


def test_a_mamba_mixer_tells_what_its_products_make() -> None:
    with torch.device("meta"):
        parts = explain(
            Parts(
                embed_tokens=nn.Embedding(300, 16),
                layers=nn.ModuleList(block(16, [("mamba", MambaMixer(16))]) for _ in range(3)),
                lm_head=nn.Linear(16, 300),
            )
        ).story.parts
    assert parts["layers.[0-2].mamba.in_proj"].role == "Makes the mixer's inner stream and its gate in one product: 16 → 64 (2 × 32)."
    assert (parts["layers.[0-2].mamba.conv1d"].role or "").startswith("Lets each of 32 channels see the latest 4 steps")
    assert parts["layers.[0-2].mamba.out_proj"].role == "Brings the inner stream back to the stream's width: 32 → 16."
