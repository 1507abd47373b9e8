"""Facts on models of many kinds, written by hand: what a live model shows, and what its print alone shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from archmagic import explain
from archmagic.facts import Facts, find_facts
from archmagic.read import read

from . import models


def facts(x: object) -> Facts:
    return find_facts(read(x)).facts


def said(found: Facts, *keys: str) -> list[object]:
    return [fact and fact.value for fact in map(found.get, keys)]


SHAPE = ("num_hidden_layers", "hidden_size", "intermediate_size")
HEADS = ("num_attention_heads", "num_key_value_heads", "head_dim")


@pytest.mark.parametrize("printed", [False, True])
def test_a_hand_written_gpt_is_read_by_its_structure(printed: bool) -> None:
    model = models.NanoGpt()
    found = facts(repr(model) if printed else model)
    assert said(found, *SHAPE, "vocab_size", "max_position_embeddings") == [5, 96, 384, 500, 128]
    assert said(found, "position_encoding", "norm_placement", "family") == ["learned", "pre", "GPT-2"]
    assert said(found, *HEADS) == ([None, None, None] if printed else [6, 6, 16])


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.compile])
def test_a_wrapper_changes_no_fact_but_the_paths(wrap: object) -> None:
    plain, wrapped = facts(models.NanoGpt()), facts(wrap(models.NanoGpt()))  # type: ignore[operator]
    assert {(f.key, f.value, f.basis) for f in wrapped} == {(f.key, f.value, f.basis) for f in plain}


def test_a_timm_vit_shows_its_positions_only_live() -> None:
    live, printed = facts(models.TimmViT()), facts(repr(models.TimmViT()))
    for found in (live, printed):
        assert said(found, *SHAPE, "patch_size", "num_channels", "architecture") == [4, 96, 384, 16, 3, "vision Transformer"]
        assert said(found, "family", "family_differences") == ["ViT", "queries, keys and values from one product"]
    assert said(live, "position_encoding", "num_positions", *HEADS) == ["learned", 197, 3, 3, 32]
    assert said(printed, "position_encoding", "num_positions", *HEADS) == [None] * 5


@pytest.mark.parametrize(("first", "placement"), [(False, "post"), (True, "pre")])
def test_torchs_own_layers_say_where_they_normalise_only_live(first: bool, placement: str) -> None:
    layer = nn.TransformerEncoderLayer(64, 4, 160, norm_first=first)
    model = nn.TransformerEncoder(layer, 3, norm=nn.LayerNorm(64), enable_nested_tensor=False)
    assert said(facts(model), *SHAPE, "norm_placement", *HEADS) == [3, 64, 160, placement, 4, 4, 16]
    assert said(facts(repr(model)), *SHAPE, "norm_placement", *HEADS) == [3, 64, 160, None, None, None, None]


def test_torchs_transformer_has_an_encoder_and_a_decoder() -> None:
    found = facts(nn.Transformer(64, 4, 2, 3, 128))
    assert said(found, "architecture") == ["encoder-decoder Transformer"]
    assert [found.get("num_hidden_layers", scope).value for scope in ("encoder", "decoder")] == [2, 3]  # type: ignore[union-attr]


def test_layers_as_nested_lists_with_to_q_to_k_to_v() -> None:
    found = facts(models.XTransformer())
    assert said(found, *SHAPE, *HEADS) == [4, 64, 128, 8, 8, 16]


@pytest.mark.parametrize("printed", [False, True])
def test_recurrent_models_tell_width_depth_and_directions(printed: bool) -> None:
    tagger, letters = models.LstmTagger(), models.CharRnn()
    found = facts(repr(tagger) if printed else tagger)
    assert said(found, "hidden_size", "num_hidden_layers", "is_bidirectional", "vocab_size") == [128, 2, True, 2000]
    found = facts(repr(letters) if printed else letters)
    assert said(found, "hidden_size", "num_hidden_layers", "is_bidirectional", "vocab_size") == [64, 1, None, 100]
    assert said(found, "architecture") == ["recurrent network"]


def test_a_unet_is_told_by_its_ways_down_and_up_and_their_joins() -> None:
    assert said(facts(models.UNet()), "architecture") == ["U-Net"]
    ways = {"down": nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 16, 3)), "mid": nn.Conv2d(16, 16, 3)}
    without_skips = nn.ModuleDict({**ways, "up": nn.Sequential(nn.Conv2d(16, 8, 3), nn.Conv2d(8, 3, 3))})
    assert said(facts(without_skips), "architecture") != ["U-Net"]


@pytest.mark.parametrize("printed", [False, True])
def test_adapters_are_wrappers_around_what_they_adapt(printed: bool) -> None:
    model = models.with_lora(models.NanoGpt(), rank=4)
    found = facts(repr(model) if printed else model)
    assert said(found, *SHAPE, "attention", "lora_rank", "lora_targets") == [5, 96, 384, "multi-head", 4, ("c_attn",)]
    assert found.get("num_trainable_parameters") is None or said(found, "num_trainable_parameters") == [5 * 4 * (96 + 288)]


def test_a_print_does_not_count_on_heads_and_tables_being_apart() -> None:
    model = models.NanoGpt(tie=True)
    fact = facts(repr(model)).get("num_parameters")
    assert fact is not None
    assert fact.basis == "assumed"
    assert f"or {sum(p.numel() for p in model.parameters()):,} if transformer.wte and lm_head share one weight" in fact.text


def test_an_mlp_mixer_is_no_convolutional_network() -> None:
    assert said(facts(models.MlpMixer()), "architecture") != ["convolutional network"]


def test_latent_attention_gives_its_heads_by_arithmetic_alone() -> None:
    block = nn.ModuleDict(
        {
            "q_a_proj": nn.Linear(512, 96),
            "q_b_proj": nn.Linear(96, 8 * (32 + 16)),
            "kv_a_proj_with_mqa": nn.Linear(512, 64 + 16),
            "kv_b_proj": nn.Linear(64, 8 * (32 + 24)),
            "o_proj": nn.Linear(8 * 24, 512),
        }
    )
    layers = nn.ModuleList([nn.ModuleDict({"self_attn": block, "norm": nn.LayerNorm(512)}) for _ in range(2)])
    for x in (layers, repr(layers)):
        assert said(facts(x), *HEADS, "qk_rope_head_dim", "v_head_dim", "kv_lora_rank") == [8, 8, 48, 16, 24, 64]


def test_a_head_and_a_table_of_different_sizes_are_reported() -> None:
    model = models.NanoGpt(tie=False)
    model.lm_head = nn.Linear(96, 512, bias=False)
    fact = facts(model).get("disagreement:vocab_size")
    assert fact is not None
    assert fact.text.endswith("ids from 500 on have no counterpart.")


@pytest.mark.parametrize("order", [("w1", "w2", "w3"), ("w2", "w1", "w3"), ("w3", "w1", "w2")])
def test_an_experts_inner_width_does_not_hang_on_the_order_of_its_products(order: tuple[str, ...]) -> None:
    shapes = {"w1": (64, 172), "w2": (172, 64), "w3": (64, 172)}
    experts = nn.ModuleList([nn.ModuleDict({name: nn.Linear(*shapes[name]) for name in order}) for _ in range(8)])
    block = nn.ModuleDict({"norm1": nn.LayerNorm(64), "attn": models.NanoAttention(64, 4), "norm2": nn.LayerNorm(64)})
    block["moe"] = nn.ModuleDict({"gate": nn.Linear(64, 8), "experts": experts})
    found = facts(nn.ModuleList([block, block]))
    assert said(found, "num_experts") == [8]
    assert {f.value for f in found if f.key == "intermediate_size"} == {172}


def test_a_small_convolutional_network_with_a_perceptron_on_top() -> None:
    features = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU())
    head = nn.Sequential(nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10))
    assert said(facts(nn.Sequential(features, head)), "architecture") == ["convolutional network"]


def test_of_what_only_holds_modules_neither_an_order_nor_an_output_is_told() -> None:
    """A ModuleList or ModuleDict has no forward: nothing tells in which order its parts are used, or whether they are used together."""
    layers = {"first": nn.Linear(4, 8), "last": nn.Linear(8, 2)}
    for model in (nn.ModuleDict(layers), nn.ModuleList(layers.values())):
        for explained in (explain(model), explain(repr(model))):
            text = " ".join(explained.to_text().split())
            assert explained.facts.get("architecture") is None
            assert "it computes nothing itself" in explained.summary
            assert "has no forward, so other code calls them." in text
            assert not [words for words in ("Turns the result into", "How data flows", "The order of calls", "inputs=") if words in text]


def test_linear_layers_with_nothing_between_are_no_perceptron() -> None:
    assert facts(nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))).get("architecture") is None
    with_one = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    assert said(facts(with_one), "architecture") == ["multi-layer perceptron"]


def test_the_last_product_of_a_part_that_is_run_again_is_no_output() -> None:
    layers = [nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 8)) for _ in range(2)]
    assert "Turns the result" not in explain(nn.Sequential(*layers)).to_text()
    assert "Turns the result into 3 outputs: 8 → 3" in explain(nn.Sequential(*layers, nn.Linear(8, 3))).to_text()


class Perceptron(nn.Sequential):
    def __init__(self, *sizes: int) -> None:
        pairs = zip(sizes, sizes[1:], strict=False)
        super().__init__(*(layer for n_in, n_out in pairs for layer in (nn.Linear(n_in, n_out), nn.ReLU())))


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        (lambda: Perceptron(784, 128, 10), "multi-layer perceptron"),
        (lambda: models.NanoGpt(tie=False), "Transformer over tokens"),
        (models.TimmViT, "vision Transformer"),
        (models.LstmTagger, "recurrent network"),
    ],
)
def test_whole_networks_alike_in_one_list_stand_side_by_side(network: Callable[[], nn.Module], kind: str) -> None:
    class Ensemble(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.models, self.weights = nn.ModuleList(network() for _ in range(3)), nn.Parameter(torch.ones(3))

    for given in (Ensemble(), repr(Ensemble()), nn.ModuleList(network() for _ in range(3))):
        found = facts(given)
        assert said(found, "num_networks", "architecture") == [3, kind]
        assert not any(f.key == "num_hidden_layers" and f.value == 3 for f in found)


def test_entries_that_may_follow_one_another_or_stand_beside_other_layers_are_no_networks_alike() -> None:
    same = [Perceptron(64, 128, 64) for _ in range(3)]
    blocks = [models.NeoxBlock(64, 4) for _ in range(3)]
    heads = [Perceptron(64, 32, 10) for _ in range(3)]
    beside = nn.ModuleDict({"body": nn.Linear(30, 64), "heads": nn.ModuleList(heads)})
    for model in (nn.ModuleList(same), nn.ModuleList(blocks), beside, nn.Sequential(*(Perceptron(784, 10, 5) for _ in range(3)))):
        assert facts(model).get("num_networks") is None


class ImageEncoder(nn.Sequential):
    def __init__(self, *rest: nn.Module) -> None:
        super().__init__(nn.Conv2d(3, 16, 3, 2), nn.ReLU(), nn.Conv2d(16, 48, 3, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), *rest)


class TextEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(900, 64)
        self.transformer = nn.TransformerEncoder(nn.TransformerEncoderLayer(64, 4), 2, enable_nested_tensor=False)


def beside(**more: nn.Module) -> nn.ModuleDict:
    return nn.ModuleDict({"image_encoder": ImageEncoder(), "text_encoder": TextEncoder(), **more})


DUAL = "dual encoder of a convolutional network and a Transformer over tokens"


@pytest.mark.parametrize("printed", [False, True])
def test_a_convolutional_encoder_and_a_text_encoder_brought_to_one_width_are_a_dual_encoder(printed: bool) -> None:
    image, text = nn.Linear(48, 32), nn.Linear(64, 32)
    inside = nn.ModuleDict({"image_encoder": ImageEncoder(image), "text_encoder": TextEncoder(), "text_proj": text})
    for model in (beside(image_projection=image, text_projection=text), inside):
        assert said(facts(repr(model) if printed else model), "architecture") == [DUAL]


def test_a_learned_scale_alone_shows_that_two_encoders_meet() -> None:
    model = beside()
    assert said(facts(model), "architecture") != [DUAL]
    model.logit_scale = nn.Parameter(torch.ones([]))
    assert said(facts(model), "architecture") == [DUAL]


def test_encoders_whose_results_are_read_together_are_no_dual_encoder() -> None:
    both = {"image_proj": nn.Linear(48, 32), "text_proj": nn.Linear(64, 32)}
    chained = {"fc1": nn.Linear(64, 20), "fc2": nn.Linear(20, 20)}
    for model in (beside(**both, classifier=nn.Linear(64, 2)), beside(**chained), beside(lm_head=nn.Linear(64, 900))):
        assert said(facts(model), "architecture") != [DUAL]


class RelativeAttention(nn.Module):
    """XLNet's kind: queries, keys and values are made by bare parameters, so that only its name says what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.r, self.s = nn.Parameter(torch.zeros(64, 64)), nn.Parameter(torch.zeros(64, 64))
        self.layer_norm = nn.LayerNorm(64)


class NamedBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rel_attn, self.norm = RelativeAttention(), nn.LayerNorm(64)
        self.up, self.act, self.down = nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 64)


class NamedForCausalLM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.word_embedding, self.layer = nn.Embedding(900, 64), nn.ModuleList(NamedBlock() for _ in range(3))
        self.lm_head = nn.Linear(64, 900)


@pytest.mark.parametrize("printed", [False, True])
def test_blocks_that_attend_by_name_alone_make_a_transformer_causal_where_the_model_is_named_so(printed: bool) -> None:
    model = NamedForCausalLM()
    assert said(facts(repr(model) if printed else model), "architecture", "is_causal") == ["decoder-only Transformer language model", True]
    model.__class__ = type("NamedLMHeadModel", (NamedForCausalLM,), {})
    assert said(facts(repr(model) if printed else model), "architecture", "is_causal") == ["Transformer over tokens", None]


@pytest.mark.parametrize("printed", [False, True])
def test_attention_by_name_that_outnumbers_the_convolutions_before_it_makes_a_vision_transformer(printed: bool) -> None:
    def model(convolutions: int) -> nn.Module:
        stem = [nn.Conv2d(3 if not n else 64, 64, 3, 2) for n in range(convolutions)]
        return nn.ModuleDict({"stem": nn.Sequential(*stem), "layers": nn.ModuleList(NamedBlock() for _ in range(4))})

    for convolutions, kind in ((2, "vision Transformer"), (5, "convolutional network")):
        found = facts(repr(model(convolutions)) if printed else model(convolutions))
        assert said(found, "architecture") == [kind]
