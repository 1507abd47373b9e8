"""What is told of less common kinds of models: each test is a sentence that was once wrong of one of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archmagic import Explanation, explain

BOTH = pytest.mark.parametrize("live", [True, False], ids=["live", "print"])


def module(title: str, **parts: nn.Module | torch.Tensor) -> nn.Module:
    """A module of a class of this name with these parts; a tensor becomes a parameter."""
    made = type(title, (nn.Module,), {})()
    for name, part in parts.items():
        if isinstance(part, nn.Module):
            made.add_module(name, part)
        else:
            made.register_parameter(name, nn.Parameter(part))
    return made


def linear(n_in: int, n_out: int) -> nn.Linear:
    return nn.Linear(n_in, n_out, bias=False)


def attention(title: str = "Attention", width: int = 64, **more: nn.Module) -> nn.Module:
    return module(title, **{name: linear(width, width) for name in ("q_proj", "k_proj", "v_proj", "o_proj")}, **more)


def mlp(width: int = 64, **more: nn.Module) -> nn.Module:
    return module("MLP", fc1=linear(width, 4 * width), act=nn.GELU(), fc2=linear(4 * width, width), **more)


def block(title: str = "Block", width: int = 64, **parts: nn.Module) -> nn.Module:
    return module(title, norm1=nn.LayerNorm(width), norm2=nn.LayerNorm(width), **parts)


def language_model(*blocks: nn.Module, title: str = "Model", width: int = 64) -> nn.Module:
    parts = {"embed_tokens": nn.Embedding(500, width), "layers": nn.ModuleList(blocks), "norm": nn.LayerNorm(width)}
    return module(title, **parts, lm_head=linear(width, 500))


def told(model: nn.Module, live: bool = True) -> Explanation:
    return explain(model if live else repr(model))


def text(model: nn.Module, live: bool = True) -> str:
    return " ".join(told(model, live).to_text().split())


# --- what relates the positions


@BOTH
def test_latent_attention_is_none_with_a_state_whatever_its_class_is_called(live: bool) -> None:
    latent = module(
        "SomeLinearAttention", q_proj=linear(64, 4 * 24), kv_a_proj_with_mqa=linear(64, 32 + 8), kv_b_proj=linear(32, 4 * 32),
        o_proj=linear(4 * 16, 64),
    )  # fmt: skip
    assert "carries a state" not in text(language_model(*[block(self_attn=latent, mlp=mlp()) for _ in range(3)]), live)


@BOTH
def test_a_language_model_whose_attention_keeps_a_state_is_no_transformer(live: bool) -> None:
    memory = attention("MLstmLayer", f_proj=linear(64, 4))
    summary = told(language_model(*[block(self_attn=memory, mlp=mlp()) for _ in range(3)]), live).summary
    assert summary.startswith("Model is a language model with linear attention: it reads token ids")


@BOTH
def test_time_mixing_that_is_called_attention_is_told_as_what_it_is(live: bool) -> None:
    parts = {"time_shift": nn.ZeroPad2d((0, 0, 1, -1)), **{n: linear(64, 64) for n in ("key", "value", "receptance", "output")}}
    feed = module("RwkvFeedForward", time_shift=nn.ZeroPad2d((0, 0, 1, -1)), key=linear(64, 256), value=linear(256, 64))
    made = text(language_model(*[block(attention=module("RwkvSelfAttention", **parts), feed_forward=feed) for _ in range(3)]), live)
    assert "each mixes positions by RWKV time mixing" in made
    assert "Attention mixes" not in made
    assert "Transforms each position with the one before it: 64 → 256 → 64" in made


@BOTH
def test_a_feed_forward_with_a_convolution_inside_does_not_take_positions_by_themselves(live: bool) -> None:
    convolved = mlp(dwconv=nn.Conv2d(256, 256, 3, padding=1, groups=256))
    made = text(language_model(*[block(self_attn=attention(), mlp=convolved) for _ in range(3)]), live)
    assert "Transforms each position with its neighbours: 64 → 256 → 64" in made
    assert "position by itself" not in made


@BOTH
def test_a_feed_forward_of_convolutions_does_not_take_positions_by_themselves(live: bool) -> None:
    feed = module("SpeechFeedForward", conv_1=nn.Conv1d(64, 256, 3), act=nn.ReLU(), conv_2=nn.Conv1d(256, 64, 3))
    made = text(language_model(*[block(self_attn=attention(), feed_forward=feed) for _ in range(3)]), live)
    assert "feed_forward: Transforms each position with its neighbours, by convolutions." in made
    assert "position by itself" not in made


def llama(**more: nn.Module | torch.Tensor) -> nn.Module:
    """Blocks as Llama's; `more` are further parts of its attention."""

    def made() -> nn.Module:
        feed = module("GatedMLP", gate_proj=linear(64, 256), up_proj=linear(64, 256), down_proj=linear(256, 64), act_fn=nn.SiLU())
        attend = module("Attention", **{name: linear(64, 64) for name in ("q_proj", "k_proj", "v_proj", "o_proj")}, **more)
        parts = {"self_attn": attend, "mlp": feed, "input_layernorm": nn.RMSNorm(64), "post_attention_layernorm": nn.RMSNorm(64)}
        return module("Layer", **parts)

    layers = nn.ModuleList([made() for _ in range(3)])
    inner = module("Inner", embed_tokens=nn.Embedding(500, 64), layers=layers, norm=nn.RMSNorm(64), rotary_emb=module("RotaryEmbedding"))
    return module("SomeForCausalLM", model=inner, lm_head=linear(64, 500))


@BOTH
def test_what_attention_holds_beyond_a_familys_is_a_difference(live: bool) -> None:
    assert "SomeForCausalLM is a Llama-style" in told(llama(), live).summary
    assert "Unlike Llama, it has further parts in its attention." in told(llama(dt_proj=linear(64, 4)), live).summary
    assert "Unlike Llama, it has further parts in its attention." in told(llama(indexer=module("Indexer", wk=linear(64, 16))), live).summary


def test_parameters_that_attention_holds_itself_are_a_difference_of_a_live_model() -> None:
    assert "Unlike Llama, it has further parts in its attention." in told(llama(lambda_q1=torch.zeros(16))).summary
    assert "Unlike" not in told(llama(logit_scale=torch.zeros(4, 1, 1))).summary


def test_attention_that_approximates_is_not_said_to_look_everywhere() -> None:
    model = language_model(*[block(self_attn=attention(), mlp=mlp()) for _ in range(3)], title="TextEncoder")
    assert "each position gathers information from every position" in text(module("M", encoder=model))
    for layer in model.layers:  # type: ignore[union-attr]
        layer.self_attn.num_landmarks = 64  # type: ignore[union-attr]
    made = text(module("M", encoder=model))
    assert "Self-attention by an approximation, which does not compare every pair of positions" in made
    assert "from every position" not in made


@BOTH
def test_queries_narrower_than_what_the_output_takes_share_no_keys(live: bool) -> None:
    def made() -> nn.Module:
        parts = {name: linear(64, 32) for name in ("query", "key", "value", "conv_out")}
        return module("Attention", self=module("SelfAttention", **parts), output=module("SelfOutput", dense=linear(64, 64)))

    facts = told(language_model(*[block(attention=made(), mlp=mlp()) for _ in range(3)]), live).facts
    assert facts.get("family_differences") is None
    assert (attends := facts.get("attention")) is None or attends.value == "multi-head"


# --- what comes in, and what goes out


def flow(model: nn.Module, live: bool = True) -> dict[str, str]:
    sections = [s for s in told(model, live).story.sections if s.title.startswith("How data flows")]
    return {s.path or "": " ".join(statement.text for statement in s.statements) for s in sections}


def tower(blocks: int = 3, **more: nn.Module) -> nn.Module:
    layers = nn.ModuleList([block(self_attn=attention(), mlp=mlp()) for _ in range(blocks)])
    return module("Tower", **more, layers=layers, norm=nn.LayerNorm(64))


@BOTH
def test_a_table_that_a_recurrent_layer_reads_is_not_what_the_blocks_read(live: bool) -> None:
    predictor = module("Predictor", embedding=nn.Embedding(300, 32), lstm=nn.LSTM(32, 32), projector=linear(32, 32))
    model = module("Model", encoder=tower(), decoder=predictor, joint=module("Joint", head=linear(32, 300)))
    made = told(model, live)
    assert "turns every token of a text" not in made.summary
    assert "Token ids" not in flow(model, live)[""]


@BOTH
def test_buffers_of_angles_for_relative_vectors_rotate_nothing(live: bool) -> None:
    positions = module("SomeRelPositionalEncoding")
    positions.register_buffer("inv_freq", torch.zeros(32))
    model = module("Model", encoder=tower(encode_positions=positions))
    assert "rotated" not in text(model, live)


def test_a_class_for_what_comes_in_real_time_is_no_step_of_a_diffusion() -> None:
    model = module("Model", embedder=module("SomeRealtimeEmbedder", conv=nn.Conv1d(80, 64, 3)), layers=tower().layers)
    assert "diffusion" not in text(model)


@BOTH
def test_a_product_that_reads_nothing_made_before_is_no_head(live: bool) -> None:
    model = module("Model", embed_tokens=nn.Embedding(500, 64), encoder=tower(), rel_pos_bias=linear(20, 8), head=linear(64, 5))
    made = flow(model, live)[""]
    assert "head makes 5 outputs" in made
    assert "rel_pos_bias" not in made
    assert "rel_pos_bias: Turns the result" not in text(model, live)


@BOTH
def test_a_head_is_told_in_the_tower_that_it_stands_in(live: bool) -> None:
    writing = module("Text", model=tower(embed_tokens=nn.Embedding(500, 64)), lm_head=linear(64, 500))
    seeing = tower(patch=nn.Conv2d(3, 64, 16, 16))
    made = flow(module("Model", text_model=writing, vision_model=seeing), live)
    assert "text_model.lm_head turns every position into 500 scores" in made["text_model"]
    assert "lm_head" not in made["vision_model"]


@BOTH
def test_of_lists_in_one_module_the_first_is_given_the_tokens(live: bool) -> None:
    layers, more = (nn.ModuleList([block(self_attn=attention(), mlp=mlp()) for _ in range(3)]) for _ in range(2))
    model = module("Model", embed_tokens=nn.Embedding(500, 64), encoder=module("Encoder", layers=layers, r_layers=more))
    made = flow(model, live)
    assert "Token ids" in made["encoder.layers"]
    assert "Token ids" not in made["encoder.r_layers"]


class CrossesFirst(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn, self.cross_attn, self.mlp = attention(), attention(), mlp()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(64) for _ in range(3))

    def forward(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        x = self.norm1(x + self.cross_attn(x, other))
        x = self.norm2(x + self.self_attn(x))
        return self.norm3(x + self.mlp(x))


def test_cross_attention_is_said_to_stand_between_only_where_it_does() -> None:
    first = module("Decoder", layers=nn.ModuleList([CrossesFirst() for _ in range(3)]))
    assert "Each block also attends to the other sequence by cross-attention." in text(first)
    between = nn.ModuleList([block(self_attn=attention(), cross_attn=attention(), mlp=mlp()) for _ in range(3)])
    assert "Between self-attention and feed-forward, each block also attends" in text(module("Decoder", layers=between))


@BOTH
def test_blocks_that_only_cross_say_so(live: bool) -> None:
    layers = nn.ModuleList([block(cross_attn=attention(), mlp=mlp()) for _ in range(3)])
    made = text(module("Model", layers=layers), live)
    assert "cross-attention to another sequence" in made
    assert "Between self-attention" not in made
    assert "positions by ," not in made


@BOTH
def test_blocks_on_what_attention_gathers_from_tokens_do_not_turn_every_token(live: bool) -> None:
    gathers = module("CrossAttention", q=linear(96, 64), k=linear(64, 64), v=linear(64, 64), dense=linear(64, 96))
    layers = nn.ModuleList([block(self_attn=attention(width=96), mlp=mlp(96), width=96) for _ in range(3)])
    parts = {"embed_tokens": nn.Embedding(500, 64), "embed_positions": nn.Embedding(100, 64), "gather_attention": gathers}
    made = told(module("TextEncoder", **parts, layers=layers), live)
    assert "turns every token" not in made.summary
    assert "stream of vectors 96 numbers wide" in made.summary
    assert "brings each vector" not in made.to_text()


# --- blocks, experts and numbers


@BOTH
def test_a_wrapper_around_a_norm_is_not_a_second_one(live: bool) -> None:
    def wrapped() -> nn.Module:
        return module("SomeBatchNorm", batchnorm=nn.BatchNorm1d(64))

    layers = [module("Block", norm1=wrapped(), self_attn=attention(), norm2=wrapped(), mlp=mlp()) for _ in range(3)]
    for layer in layers:
        layer.pre_norm = True  # type: ignore[assignment]
    made = text(module("Model", layers=nn.ModuleList(layers)))
    assert "norm1.batchnorm, norm2.batchnorm: Normalise what self_attn and mlp read" in made


def experts(count: int = 4, width: int = 64, inner: int = 96, gated: bool = False) -> nn.Module:
    up = torch.zeros(count, inner * (1 + gated), width)
    held = module(
        "Experts", **{"gate_up_proj" if gated else "up_proj": up, "down_proj": torch.zeros(count, width, inner)}, act_fn=nn.ReLU()
    )
    mixture = module("MoE", gate=linear(width, count), experts=held)
    mixture.top_k = 2  # type: ignore[assignment]
    return mixture


def test_experts_without_a_gate_are_not_said_to_have_one() -> None:
    made = text(language_model(*[block(self_attn=attention(), mlp=experts()) for _ in range(3)]))
    assert "The 4 experts, kept in tensors with one slice for each: 64 → 96 → 64." in made
    assert "The non-linearity between up_proj and down_proj" in made
    assert "that the gate passes through" in text(
        language_model(*[block(self_attn=attention(), mlp=experts(gated=True)) for _ in range(3)])
    )


def test_experts_are_as_wide_as_their_own_stream_beside_another_tower() -> None:
    writing = tower_of_experts()
    seeing = module(
        "Tower", patch=nn.Conv2d(3, 32, 16, 16), layers=nn.ModuleList([block(self_attn=attention(width=32), mlp=mlp(32), width=32)] * 2)
    )
    assert "with one slice for each: 64 → 96 → 64" in text(module("Model", vision_model=seeing, text_model=writing))


def tower_of_experts() -> nn.Module:
    layers = nn.ModuleList([block(self_attn=attention(), mlp=experts(gated=True)) for _ in range(3)])
    return module("Tower", embed_tokens=nn.Embedding(500, 64), layers=layers, norm=nn.LayerNorm(64))


def test_what_stands_in_several_places_is_not_counted_once_in_a_tokens_operations() -> None:
    assert told(language_model(*[block(self_attn=attention(), mlp=mlp()) for _ in range(3)])).facts.get("flops_per_token")
    shared = mlp()
    assert told(language_model(*[block(self_attn=attention(), mlp=shared) for _ in range(3)])).facts.get("flops_per_token") is None


@BOTH
def test_angles_that_stand_beside_blocks_without_attention_tell_attention_nothing(live: bool) -> None:
    mixer = module("MambaMixer", in_proj=linear(64, 256), conv1d=nn.Conv1d(128, 128, 4, groups=128), out_proj=linear(128, 64))
    model = language_model(*[block(mamba=mixer, mlp=mlp()) for _ in range(3)])
    model.add_module("rotary_emb", module("SomeRotaryEmbedding"))
    assert "tells attention where" not in text(model, live)


@BOTH
def test_tables_of_segments_may_be_numbered(live: bool) -> None:
    tables = {f"token_type_embeddings_{i}": nn.Embedding(rows, 64) for i, rows in enumerate((3, 256, 2))}
    model = module("Encoder", word_embeddings=nn.Embedding(500, 64), **tables, encoder=tower())
    assert "token_type_embeddings_0 adds a vector for the segment" in " ".join(flow(model, live).values())


class Config:
    def to_dict(self) -> dict[str, int]:
        return {"vocab_size": 8192, "max_position_embeddings": 131072}


def test_how_many_tokens_a_config_tells_is_not_said_of_what_reads_none() -> None:
    model = tower(patch=nn.Conv2d(3, 64, 16, 16))
    model.config = Config()  # type: ignore[assignment]
    assert "8,192" not in told(model).summary
    assert "131,072" not in told(model).summary


@BOTH
def test_a_model_that_fills_in_masked_words_is_an_encoder(live: bool) -> None:
    model = language_model(*[block(self_attn=attention(), mlp=mlp()) for _ in range(3)], title="SomeForMaskedLM")
    assert told(model, live).summary.startswith("SomeForMaskedLM is a Transformer encoder: it turns every token")


def test_windows_that_a_switch_turns_off_are_not_told() -> None:
    def stage(on: bool) -> nn.Module:
        attend = attention("WindowedAttention")
        attend.window_size, attend.use_window_attn = 64, on  # type: ignore[assignment]
        return module("Stage", layers=nn.ModuleList([block(attn=attend, mlp=mlp()) for _ in range(2)]))

    steps = " ".join(flow(module("Model", conv=nn.Conv2d(3, 64, 7, 4), stages=nn.ModuleList([stage(True), stage(False)]))).values())
    assert "The first stage, stages.0.layers: two blocks on vectors of 64 numbers; attention within windows" in steps
    assert "The second stage, stages.1.layers: two blocks on vectors of 64 numbers; each lets positions" in steps


def test_a_lone_head_is_one() -> None:
    attend = attention()
    attend.num_heads = 1  # type: ignore[assignment]
    assert ", in one head of 64." in text(language_model(*[block(self_attn=attend, mlp=mlp()) for _ in range(3)]))


def test_a_few_frozen_numbers_are_told_by_their_count() -> None:
    model = language_model(*[block(self_attn=attention(), mlp=mlp()) for _ in range(3)])
    model.embed_tokens = nn.Embedding(50_000, 64)
    model.norm.bias.requires_grad_(False)  # type: ignore[union-attr]
    assert "All but 64 of them train." in told(model).summary


@BOTH
def test_an_autoencoder_of_videos_gives_back_what_is_hidden_of_a_video(live: bool) -> None:
    model = module("Model", vit=tower(patch=nn.Conv3d(3, 64, (2, 4, 4), (2, 4, 4))), decoder=tower(), decoder_pred=linear(64, 96))
    assert "3 × 2 × 4 × 4 = 96: it is trained to fill in what is hidden of a video." in told(model, live).summary


# --- families


@BOTH
def test_an_encoder_of_one_kind_and_a_decoder_of_another_are_of_no_family(live: bool) -> None:
    def side(cross: bool, act: nn.Module) -> nn.Module:
        def layer() -> nn.Module:
            feed = {"fc1": linear(64, 256), "activation_fn": act, "fc2": linear(256, 64)}
            more = {"encoder_attn": attention(), "encoder_attn_layer_norm": nn.LayerNorm(64)} if cross else {}
            parts = {
                "self_attn": attention(),
                "self_attn_layer_norm": nn.LayerNorm(64),
                **more,
                **feed,
                "final_layer_norm": nn.LayerNorm(64),
            }
            return module("DecoderLayer" if cross else "EncoderLayer", **parts)

        tables = {"embed_tokens": nn.Embedding(500, 64), "embed_positions": nn.Embedding(100, 64)}
        return module("Side", **tables, layers=nn.ModuleList([layer() for _ in range(3)]), layernorm_embedding=nn.LayerNorm(64))

    def both(act: nn.Module) -> nn.Module:
        inner = module("Inner", encoder=side(False, nn.GELU()), decoder=side(True, act))
        return module("Model", model=inner, lm_head=linear(64, 500))

    alike, unlike = told(both(nn.GELU()), live), told(both(nn.ReLU()), live)
    assert alike.facts.get("hidden_act", "model.decoder").value == "gelu"  # type: ignore[union-attr]
    assert unlike.facts.get("family") is None


@BOTH
def test_one_product_three_times_as_wide_is_attention_where_its_module_says_so(live: bool) -> None:
    attend = module("DisentangledSelfAttention", in_proj=linear(64, 192))
    layers = [
        module("Layer", attention=module("Attention", self=attend, output=module("Output", dense=linear(64, 64))), mlp=mlp())
        for _ in range(3)
    ]
    assert "Makes query, key and value in one product: 64 → 192 (3 × 64)." in text(module("Encoder", layers=nn.ModuleList(layers)), live)


def test_rotation_and_windows_are_differences_from_a_vision_transformer() -> None:
    def vit(**more: object) -> Explanation:
        layers = [block(title="Layer", attn=attention(), mlp=mlp()) for _ in range(3)]
        for layer in layers:
            layer.norm_first = True  # type: ignore[assignment]
            layer.attn.window_size = more.get("window")  # type: ignore[union-attr,assignment]
        rotary = {"rope_embeddings": module("RopeEmbedding")} if more.get("rotary") else {}
        return told(module("Vit", patch=nn.Conv2d(3, 64, 16, 16), **rotary, layers=nn.ModuleList(layers), norm=nn.LayerNorm(64)))

    assert "Vit is a ViT-style vision Transformer" in vit().summary
    assert "Unlike" not in vit().summary
    assert "Unlike ViT, it has rotary positions." in vit(rotary=True).summary
    assert "Unlike ViT, it has attention within windows." in vit(window=7).summary


@BOTH
def test_several_feed_forwards_of_one_block_are_counted(live: bool) -> None:
    convolving = module("ConvModule", depthwise=nn.Conv1d(64, 64, 9, groups=64))
    model = tower()
    model.layers = nn.ModuleList([block(ff1=mlp(), self_attn=attention(), conv=convolving, ff2=mlp()) for _ in range(3)])
    made = text(module("Model", encoder=model), live)
    assert "each mixes positions by attention; two feed-forwards transform each position by itself" in made
    assert "Attention mixes information between positions; two feed-forwards transform each position by itself" in made


@BOTH
def test_attention_and_a_mixer_in_one_block_are_both_told(live: bool) -> None:
    mixer = module("MambaMixer", in_proj=linear(64, 256), conv1d=nn.Conv1d(128, 128, 4, groups=128), out_proj=linear(128, 64))
    made = text(language_model(*[block(mamba=mixer, self_attn=attention(), mlp=mlp()) for _ in range(3)]), live)
    assert "each mixes positions by attention and a Mamba mixer; then a feed-forward transforms each position by itself" in made
    assert "Attention and a Mamba mixer mix information between positions; the feed-forward transforms each position by itself" in made


@BOTH
def test_patches_to_which_nothing_is_added_are_normalised_by_themselves(live: bool) -> None:
    made = text(tower(patch=nn.Conv2d(3, 64, 16, 16), layer_norm=nn.LayerNorm(64)), live)
    assert "layer_norm normalises each vector." in made
    assert "the sum" not in made
