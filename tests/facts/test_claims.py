"""Claims that names and first looks suggest, and structure forbids."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

from archmagic import explain
from archmagic.facts import Facts, find_facts
from archmagic.read import read

from . import models

BOTH = pytest.mark.parametrize("given", [lambda model: model, repr], ids=["live", "print"])
Given = Callable[[nn.Module], object]


def facts(x: object) -> Facts:
    return find_facts(read(x)).facts


def value(found: Facts, key: str, scope: str | None = None) -> object:
    fact = found.get(key, scope)
    return fact and fact.value


class Block(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.attn, self.mlp = models.NeoxAttention(width, 4), models.NeoxMlp(width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)


def test_one_norm_for_both_sub_layers_is_not_said_to_feed_them_side_by_side() -> None:
    block = nn.ModuleDict({"attn": models.NeoxAttention(64, 4), "mlp": models.NeoxMlp(64), "norm": nn.LayerNorm(64)})
    assert value(facts(repr(nn.ModuleDict({"layers": nn.ModuleList([block] * 3), "ln_f": nn.LayerNorm(64)}))), "norm_placement") is None


def conv(n_in: int, n_out: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), nn.BatchNorm2d(n_out), nn.ReLU())


@BOTH
def test_the_input_is_not_read_by_a_way_up_that_is_registered_first(given: Given) -> None:
    ups = nn.ModuleList([nn.ConvTranspose2d(64, 32, 2, 2), conv(64, 32), nn.ConvTranspose2d(32, 16, 2, 2), conv(32, 16)])
    downs = nn.ModuleList([conv(3, 16), conv(16, 32)])
    assert value(facts(given(nn.ModuleDict({"ups": ups, "downs": downs, "mid": conv(32, 64)}))), "num_channels") == 3


class ConvLSTMCell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3 + 16, 4 * 16, 3, padding=1)


class StandardizedConv2d(nn.Conv2d):
    pass


def test_what_a_convolution_reads_beside_the_input_or_before_it_is_no_channel_of_it() -> None:
    assert value(facts(nn.ModuleList([ConvLSTMCell(), ConvLSTMCell()])), "num_channels") is None
    generator = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4, 2))
    assert value(facts(generator), "num_channels") is None
    stem = nn.Sequential(StandardizedConv2d(3, 16, 3), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 32, 3))
    assert value(facts(repr(stem)), "num_channels") == 3


class GraphConvolution(nn.Module):
    """pygcn's, which prints itself."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.in_features, self.out_features, self.weight = n_in, n_out, nn.Parameter(torch.zeros(n_in, n_out))


def test_graph_layers_side_by_side_are_one_step() -> None:
    heads = {f"attention_{i}": GraphConvolution(100, 8) for i in range(8)}
    assert value(facts(nn.ModuleDict({**heads, "out_att": GraphConvolution(64, 7)})), "num_graph_layers") == 2
    assert value(facts(nn.ModuleDict({"gc1": GraphConvolution(100, 8), "gc2": GraphConvolution(9, 7)})), "num_graph_layers") is None


def test_a_norm_as_wide_as_nothing_in_the_blocks_is_not_the_last_one() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64), 3, enable_nested_tensor=False)
    model = nn.ModuleDict({"transformer": encoder, "norm": nn.LayerNorm(10), "mlp": nn.Linear(170, 2)})
    findings = find_facts(read(model))
    assert findings.final_norm(findings.towers[0]) is None


class Stage(nn.Module):
    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(width // 2, width, 2, 2)
        self.blocks = nn.Sequential(*(nn.ModuleDict({"conv": nn.Conv2d(width, width, 3), "attn": Block(width)}) for _ in range(depth)))


@BOTH
def test_entries_that_list_blocks_of_their_own_are_stages_and_no_layers(given: Given) -> None:
    found = facts(given(nn.ModuleDict({"stages": nn.Sequential(Stage(32, 2), Stage(64, 3), Stage(128, 2))})))
    assert value(found, "num_hidden_layers") is None
    assert [value(found, "num_blocks", f"stages.{i}.blocks") for i in range(3)] == [2, 3, 2]


class WideValues(nn.Module):
    """LeViT's: keys narrower than values, all from one product."""

    def __init__(self) -> None:
        super().__init__()
        self.num_heads, self.key_dim = 4, 8
        self.qkv, self.proj = nn.Linear(64, 2 * 32 + 128), nn.Linear(128, 64)


@BOTH
def test_values_wider_than_keys_are_not_taken_for_shared_keys(given: Given) -> None:
    blocks = nn.ModuleList(
        nn.ModuleDict({"norm": nn.LayerNorm(64), "attn": WideValues(), "norm2": nn.LayerNorm(64), "mlp": models.NeoxMlp(64)})
        for _ in range(3)
    )
    assert value(facts(given(nn.ModuleDict({"blocks": blocks}))), "attention") is None


class SourceTarget(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.Transformer(64, 4, 2, 2, 128)
        self.src_embed, self.tgt_embed, self.generator = nn.Embedding(800, 64), nn.Embedding(900, 64), nn.Linear(64, 900)


@BOTH
def test_tables_named_for_source_and_target_belong_to_encoder_and_decoder(given: Given) -> None:
    findings = find_facts(read(given(SourceTarget())))
    encoder, decoder = findings.towers
    assert [[e.rows for e in findings.embeddings_of(t, "token")] for t in (encoder, decoder)] == [[800], [900]]
    assert [value(findings.facts, "vocab_size", scope) for scope in ("", "src_embed")] == [900, 800]


@BOTH
def test_an_encoder_of_positions_does_not_make_an_encoder(given: Given) -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64), 2, enable_nested_tensor=False)
    parts = {"pos_encoder": nn.Sequential(nn.Dropout(0.1)), "embed": nn.Embedding(500, 32), "transformer_encoder": encoder}
    assert value(facts(given(nn.ModuleDict({**parts, "decoder": nn.Linear(32, 500)}))), "architecture") == "Transformer over tokens"


class Bottleneck(nn.Module):
    """BoTNet's: attention on fewer channels, between convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.attn, self.conv3 = nn.Conv2d(256, 64, 1), models.NeoxAttention(64, 4), nn.Conv2d(64, 256, 1)
        self.norm = nn.BatchNorm2d(64)


@BOTH
def test_attention_inside_a_bottleneck_does_not_tell_the_streams_width(given: Given) -> None:
    assert value(facts(given(nn.ModuleDict({"blocks": nn.Sequential(*(Bottleneck() for _ in range(3)))}))), "hidden_size") != 64


@BOTH
def test_a_stage_whose_blocks_convolve_once_is_counted_too(given: Given) -> None:
    def fused(n: int) -> nn.Module:
        return nn.ModuleDict({"conv": nn.Conv2d(n, n, 3), "bn": nn.BatchNorm2d(n)})

    def plain(n_in: int, n: int) -> nn.Module:
        return nn.ModuleDict({"conv1": nn.Conv2d(n_in, n, 3), "conv2": nn.Conv2d(n, n, 3)})

    stages = [nn.Sequential(fused(16), fused(16)), nn.Sequential(plain(16, 32), plain(32, 32), plain(32, 32)), nn.Sequential(plain(32, 64))]
    found = facts(given(nn.Sequential(nn.Conv2d(3, 16, 3), *stages, nn.Conv2d(64, 64, 1))))
    assert [value(found, "num_blocks", str(i)) for i in (1, 2, 3)] == [2, 3, 1]


class Values(nn.Module):
    """Values narrower than queries and keys."""

    def __init__(self, query: int, key: int, value: int) -> None:
        super().__init__()
        self.heads, self.to_out = 4, nn.Linear(value, 64)
        self.to_q, self.to_k, self.to_v = (nn.Linear(64, n) for n in (query, key, value))


@BOTH
def test_heads_of_queries_and_keys_are_alike_whatever_the_values_are(given: Given) -> None:
    for value_width in (32, 128):
        found = facts(
            given(nn.ModuleList(nn.ModuleDict({"attn": Values(64, 64, value_width), "mlp": models.NeoxMlp(64)}) for _ in range(2)))
        )
        assert value(found, "attention") == "multi-head"
        assert value(found, "num_key_value_heads") in (4, None)


class Points(nn.Module):
    """Attention over an image by 1 × 1 convolutions, one of them with its norm."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = 4
        self.to_q, self.to_kv = nn.Conv2d(64, 64, 1), nn.Conv2d(64, 128, 1)
        self.to_out = nn.Sequential(nn.Conv2d(64, 64, 1), nn.BatchNorm2d(64))


def test_projections_may_be_convolutions_over_points() -> None:
    block = nn.ModuleDict({"norm": nn.LayerNorm(64), "attn": Points(), "mlp": models.NeoxMlp(64)})
    found = facts(nn.ModuleDict({"layers": nn.ModuleList([block, block])}))
    assert [value(found, key) for key in ("num_attention_heads", "head_dim", "hidden_size")] == [4, 16, 64]


class Leading(nn.Module):
    """lucidrains' attention: its own norm is its first part."""

    def __init__(self) -> None:
        super().__init__()
        self.heads, self.norm, self.to_qkv, self.to_out = 4, nn.LayerNorm(64), nn.Linear(64, 192), nn.Linear(64, 64)


@BOTH
def test_norms_that_lead_inside_the_sub_layers_are_norms_before_them(given: Given) -> None:
    feed = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 64))
    found = facts(given(nn.ModuleList(nn.ModuleList([Leading(), feed]) for _ in range(3))))
    assert value(found, "norm_placement") == "pre"


class Side(nn.Module):
    """Two attentions side by side, then two feed-forwards."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        self.fns = nn.ModuleList(parts)


@BOTH
def test_sub_layers_side_by_side_are_no_blocks(given: Given) -> None:
    def feed() -> nn.Module:
        return nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 64))

    layers = nn.ModuleList(nn.ModuleList([Side(Leading(), Leading()), Side(feed(), feed())]) for _ in range(5))
    assert value(facts(given(nn.ModuleDict({"layers": layers, "norm": nn.LayerNorm(64)}))), "num_hidden_layers") == 5


@BOTH
def test_a_neck_registered_before_its_backbone_does_not_read_the_input(given: Given) -> None:
    neck, backbone = nn.Conv2d(256, 64, 1), nn.Sequential(nn.Conv2d(3, 64, 7), nn.Conv2d(64, 256, 3), nn.Conv2d(256, 256, 3))
    assert value(facts(given(nn.ModuleDict({"neck": neck, "backbone": backbone}))), "num_channels") is None


def test_two_ways_in_are_not_one_input() -> None:
    ways = {"spectrum": conv(4, 32), "wave": conv(2, 32), "out": conv(32, 32)}
    assert value(facts(nn.ModuleDict(ways)), "num_channels") is None


class MambaBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.in_proj, self.conv1d = nn.Linear(64, 256), nn.Conv1d(128, 128, 4, groups=128)
        self.x_proj, self.dt_proj, self.out_proj = nn.Linear(128, 36), nn.Linear(4, 128), nn.Linear(128, 64)


@BOTH
def test_a_mixer_is_told_by_its_parts_and_is_no_feed_forward(given: Given) -> None:
    blocks = nn.ModuleList(nn.ModuleDict({"mixer": MambaBlock(), "norm": nn.LayerNorm(64)}) for _ in range(4))
    found = facts(given(nn.ModuleDict({"embedding": nn.Embedding(500, 64), "layers": blocks, "lm_head": nn.Linear(64, 500)})))
    assert [value(found, key) for key in ("num_hidden_layers", "hidden_size", "mixer")] == [4, 64, "state-space layers"]
    assert value(found, "feed_forward") is None


class CustomLSTM(nn.Module):
    """Its name holds the letters of mLSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.x2g, self.p2g, self.norm = nn.Linear(64, 256), nn.Linear(64, 256), nn.LayerNorm(64)


@BOTH
def test_letters_inside_a_word_name_no_mixer(given: Given) -> None:
    assert value(facts(given(nn.ModuleDict({"layers": nn.ModuleList(CustomLSTM() for _ in range(3))}))), "mixer") is None


def test_a_stack_that_stands_again_elsewhere_is_one_tower() -> None:
    stack = nn.ModuleDict({"layers": nn.ModuleList([Block(), Block()])})
    model = nn.ModuleDict({"net": stack, "again": nn.ModuleDict({"instance": stack})})
    assert len(find_facts(read(model)).towers) == 1


@BOTH
def test_convolutions_after_plain_blocks_leave_a_vision_transformer_one(given: Given) -> None:
    patches = nn.Conv2d(3, 64, 16, 16)
    decoder = nn.Sequential(*(nn.Conv2d(64, 64, 3, padding=1) for _ in range(12)))
    model = nn.ModuleDict({"patch_embed": patches, "blocks": nn.Sequential(Block(), Block(), Block()), "decoder": decoder})
    assert value(facts(given(model)), "architecture") == "vision Transformer"


class Mixing(nn.Module):
    """A MetaFormer's block: a depthwise convolution in attention's place."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.token_mixer = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


@BOTH
@pytest.mark.parametrize(("convolving", "kind"), [(9, "convolutional network with attention"), (3, "vision Transformer")])
def test_a_hybrid_is_what_most_of_its_blocks_are(given: Given, convolving: int, kind: str) -> None:
    stages = [nn.Sequential(*(Mixing() for _ in range(convolving))), nn.Sequential(*(Block() for _ in range(4)))]
    model = nn.ModuleDict({"stem": nn.Conv2d(3, 64, 7, 4), "stages": nn.Sequential(*stages), "head": nn.Linear(64, 10)})
    assert value(facts(given(model)), "architecture") == kind


@BOTH
def test_an_encoder_and_a_decoder_of_plain_blocks_are_no_ways_of_a_unet(given: Given) -> None:
    ways = {"encoder": nn.ModuleList([Block(), Block(), Block()]), "decoder": nn.ModuleList([Block(32), Block(32)])}
    model = nn.ModuleDict({"patch_embed": nn.Conv2d(3, 64, 16, 16), **ways, "pred": nn.Linear(32, 768)})
    assert value(facts(given(model)), "architecture") != "U-Net"


@BOTH
def test_what_an_autoencoder_narrows_to_makes_no_unet(given: Given) -> None:
    down = nn.ModuleDict({"down_blocks": nn.Sequential(conv(3, 64), conv(64, 128)), "conv_out": nn.Conv2d(128, 8, 3)})
    up = nn.ModuleDict({"conv_in": nn.Conv2d(8, 128, 3), "up_blocks": nn.Sequential(conv(192, 64), conv(192, 64), nn.Conv2d(64, 3, 3))})
    found = facts(given(nn.ModuleDict({"encoder": down, "decoder": up})))
    assert value(found, "architecture") == "convolutional autoencoder"


class Around(nn.Module):
    """A convolution's wrapper that keeps its settings, as MONAI's does."""

    def __init__(self) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.conv = 3, 16, nn.Conv2d(3, 16, 3)


Convolution = type("Convolution", (Around,), {})


def test_a_wrapper_named_for_a_convolution_is_not_counted_with_it() -> None:
    assert len(find_facts(read(nn.Sequential(Convolution(), nn.Conv2d(16, 16, 3)))).convolutions) == 2


class OneLine(nn.Module):
    """torch_geometric's whole networks print one line."""

    def __repr__(self) -> str:
        return "GCN(1433, 7, num_layers=3)"


def test_a_graph_network_printed_as_one_line_tells_its_layers() -> None:
    assert [value(facts("GCN(1433, 7, num_layers=3)"), key) for key in ("num_graph_layers", "num_node_features")] == [3, 1433]
    nested = nn.ModuleDict({"encoder": OneLine(), "decoder": nn.Linear(7, 1)})
    assert value(facts(repr(nested)), "num_graph_layers") == 3


SAVED = """PeftModel(
  (embed_tokens): ModulesToSaveWrapper(
    (original_module): Embedding(500, 64)
    (modules_to_save): ModuleDict(
      (default): Embedding(500, 64)
    )
  )
  (layers): ModuleList(
    (0-3): 4 x Layer(
      (self_attn): Attention(
        (q_proj): Linear4bit(
          (lora_A): ModuleDict(
            (default): Linear(in_features=64, out_features=8, bias=False)
          )
          (lora_B): ModuleDict(
            (default): Linear(in_features=8, out_features=64, bias=False)
          )
        )
        (k_proj): Linear(in_features=64, out_features=64, bias=False)
        (v_proj): Linear(in_features=64, out_features=64, bias=False)
        (o_proj): Linear(in_features=64, out_features=64, bias=False)
      )
      (norm): LayerNorm((64,), eps=1e-05, elementwise_affine=True)
    )
  )
  (lm_head): ModulesToSaveWrapper(
    (original_module): Linear(in_features=64, out_features=500, bias=False)
    (modules_to_save): ModuleDict(
      (default): Linear(in_features=64, out_features=500, bias=False)
    )
  )
)"""


def test_an_adapted_product_printed_without_sizes_has_those_of_its_adapter() -> None:
    found = facts(SAVED)
    assert [value(found, key) for key in ("num_hidden_layers", "vocab_size", "attention", "lora_rank")] == [4, 500, "multi-head", 8]


class Low(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.A, self.B = nn.Parameter(torch.zeros(64, 4)), nn.Parameter(torch.zeros(4, 192))


Low.__name__ = "LoRALayer"


class WithLow(nn.Module):
    def __init__(self, linear: nn.Module) -> None:
        super().__init__()
        self.linear, self.lora = linear, Low()


@BOTH
def test_a_layer_wrapped_by_hand_with_an_adapter_is_still_a_product(given: Given) -> None:
    model = models.NanoGpt(width=64, heads=4)
    for block in model.transformer["h"]:
        block.attn.c_attn = WithLow(block.attn.c_attn)
    found = facts(given(model))
    assert [value(found, key) for key in ("num_hidden_layers", "attention")] == [5, "multi-head"]


def test_what_was_done_to_a_model_is_told() -> None:
    def plain() -> nn.Sequential:
        return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))

    pruned, parametrized = plain(), plain()
    prune.l1_unstructured(pruned[0], "weight", 0.5)
    parametrizations.weight_norm(parametrized[0])
    assert value(facts(torch.fx.symbolic_trace(plain())), "traced") == "torch.fx"
    assert value(facts(pruned), "pruned_tensors") == 1
    assert value(facts(parametrized), "parametrization") == "weight normalisation"
    assert [value(facts(m), "traced") for m in (pruned, parametrized)] == [None, None]
    for model in (pruned, parametrized):
        assert value(facts(model), "architecture") == "multi-layer perceptron"


def test_a_print_counts_what_a_weight_norm_adds() -> None:
    model = nn.Sequential(parametrizations.weight_norm(nn.Conv1d(3, 8, 5)), parametrizations.spectral_norm(nn.Linear(8, 4)))
    fact = facts(repr(model)).get("num_parameters")
    assert fact is not None
    assert (fact.value, fact.basis) == (sum(p.numel() for p in model.parameters()), "assumed")


class Repeated(nn.Module):
    """ALBERT's: one block, passed as often as the config says."""

    class Config:
        num_hidden_layers, hidden_size = 12, 64

        def to_dict(self) -> dict[str, int]:
            return {"num_hidden_layers": 12, "hidden_size": 64}

    def __init__(self) -> None:
        super().__init__()
        self.config, self.embed, self.layers = self.Config(), nn.Embedding(500, 64), nn.ModuleList([Block()])


def test_how_often_one_block_is_passed_is_what_the_config_says() -> None:
    fact = facts(Repeated()).get("num_hidden_layers")
    assert fact is None or (fact.value, fact.basis) == (12, "config")


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.outer = models.XAttention(32, 4, 8), models.XAttention(64, 8, 8)
        self.mlp, self.norm = models.NeoxMlp(64), nn.LayerNorm(64)


def test_two_attentions_of_one_block_each_tell_their_own_heads() -> None:
    found = facts(nn.ModuleDict({"blocks": nn.ModuleList([Inner(), Inner()])}))
    assert [value(found, "num_attention_heads", f"blocks.[0-1].{name}") for name in ("inner", "outer")] == [4, 8]


class Four(nn.Module):
    """The Annotated Transformer's attention: queries, keys, values and output from one list."""

    def __init__(self) -> None:
        super().__init__()
        self.h, self.d_k, self.linears = 4, 16, nn.ModuleList(nn.Linear(64, 64) for _ in range(4))


Four.__name__ = "MultiHeadedAttention"


@BOTH
def test_a_list_of_four_products_is_attention(given: Given) -> None:
    found = facts(given(nn.ModuleList(nn.ModuleDict({"self_attn": Four(), "mlp": models.NeoxMlp(64)}) for _ in range(2))))
    assert value(found, "attention") == "multi-head"


@BOTH
def test_what_a_classifier_tells_apart_is_the_last_products_width(given: Given) -> None:
    features = nn.Sequential(conv(3, 16), conv(16, 32))
    classifier = nn.ModuleDict({"features": features, "classifier": nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10))})
    assert value(facts(given(classifier)), "num_labels") == 10
    assert value(facts(given(models.TimmViT())), "num_labels") == 10
    embedder = nn.ModuleDict({"features": features, "fc": nn.Linear(32, 128)})
    assert value(facts(given(embedder)), "num_labels") is None
    assert value(facts(given(models.NanoGpt())), "num_labels") is None


def test_a_class_named_like_a_mere_change_of_layout_that_holds_layers_is_not_said_to_compute_nothing() -> None:
    told = explain("Net(\n  (a): Flat(\n    (0): Linear(in_features=3, out_features=4, bias=True)\n  )\n  (b): Flat()\n)").story.parts
    assert "computes nothing" not in told["a"].description
    assert "computes nothing" in told["b"].description
