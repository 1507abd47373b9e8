"""What a Hugging Face config says of a model, in this project's fact vocabulary.

    truth(config)        -> {fact key: values that must be found}
    allowed(config)      -> {fact key: values that may be said}
    visible(k, v, text)  -> whether a print can show it at all (experts kept as bare tensors, say, cannot be seen)
    judge(facts, t, a)   -> (right, wrong, missed): sets of (key, value) pairs; within(scope) gives what a tower's own config allows

A model's config is the answer sheet: the tool under test may read `model.config` when it is given a
live model, never when it is given printed text.
"""

import re

SYNONYMS = {
    "num_hidden_layers": (
        "num_hidden_layers",
        "n_layer",
        "n_layers",
        "num_layers",
        "encoder_layers",
        "decoder_layers",
        "num_encoder_layers",
        "num_decoder_layers",
        "depth",
        "encoder_num_hidden_layers",
        "decoder_num_hidden_layers",
        "conf_num_hidden_layers",
        "pred_num_hidden_layers",
        "layers",
        "num_blocks",
        "depths",
        "stage_depths",
        "stage_num_blocks",
        "blocks_per_stage",
    ),
    "hidden_size": (
        "hidden_size",
        "n_embd",
        "d_model",
        "embed_dim",
        "dim",
        "encoder_hidden_size",
        "decoder_hidden_size",
        "encoder_hidden_dim",
        "hidden_dim",
        "hidden_sizes",
        "embed_dims",
        "widths",
        "embed_dim_per_stage",
    ),
    "num_attention_heads": (
        "num_attention_heads",
        "n_head",
        "n_heads",
        "num_heads",
        "encoder_attention_heads",
        "decoder_attention_heads",
        "encoder_num_attention_heads",
        "decoder_num_attention_heads",
        "num_heads_per_stage",
        "num_attention_heads_per_stage",
    ),
    "num_key_value_heads": ("num_key_value_heads", "n_kv_heads", "num_kv_heads"),
    "head_dim": ("head_dim", "d_kv", "qk_head_dim", "v_head_dim"),
    "intermediate_size": (
        "intermediate_size",
        "n_inner",
        "d_ff",
        "ffn_dim",
        "encoder_ffn_dim",
        "decoder_ffn_dim",
        "mlp_dim",
        "moe_intermediate_size",
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
    ),
    "vocab_size": ("vocab_size", "decoder_vocab_size"),
    "max_position_embeddings": ("max_position_embeddings", "n_positions", "max_source_positions", "max_target_positions"),
    "num_experts": ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"),
    "num_experts_per_tok": ("num_experts_per_tok", "moe_topk", "moe_k", "top_k_experts"),
}
NAMES = {name: key for key, names in SYNONYMS.items() for name in names}


def truth(config):
    """What must be found: the single values that any (nested) config states."""
    return _read(config)[0]


def allowed(config):
    """What may be said besides: list entries (one per stage), their sum, and what an unset value means by convention."""
    must, may = _read(config)
    return {key: must.get(key, set()) | may.get(key, set()) for key in must.keys() | may.keys()}


def _read(config):
    must, may = {}, {}

    def walk(d):
        for name, value in d.items():
            if isinstance(value, dict):
                walk(value)
            elif name in NAMES:
                key = NAMES[name]
                whole = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, int) and not isinstance(v, bool)]
                (may if isinstance(value, list) else must).setdefault(key, set()).update(whole)
                if isinstance(value, list) and key == "num_hidden_layers":
                    may[key].add(sum(whole))
        hidden = d.get("n_embd") or d.get("hidden_size")
        heads = d.get("num_attention_heads") or d.get("n_head") or d.get("num_heads")
        width = hidden or d.get("d_model")
        if d.get("n_inner", 0) is None and hidden:  # GPT-2: an unset inner size means 4 x hidden
            must.setdefault("intermediate_size", set()).add(4 * hidden)
        if isinstance(heads, int) and heads:
            if isinstance(width, int) and not d.get("head_dim") and not d.get("d_kv"):
                must.setdefault("head_dim", set()).add(width // heads)
            if not d.get("num_key_value_heads"):
                must.setdefault("num_key_value_heads", set()).add(heads)

    walk(config)
    return {k: v for k, v in must.items() if v}, {k: v for k, v in may.items() if v}


def judge(facts, must, may=None, within=lambda scope: None):
    """facts: the `facts` list of Explanation.to_dict(). An 'assumed' fact may be wrong; every other basis may not.

    A fact whose scope lies in a tower with a config of its own is judged by that; of what it does not speak, nothing is judged."""
    may = may or must
    right, wrong, said = set(), set(), {}
    for fact in facts:
        key, value = fact["key"], fact["value"]
        if key not in may or fact["basis"] == "assumed":
            continue
        said.setdefault(key, set()).add(value)
        here = (fact["scope"] and within(fact["scope"])) or may
        if key in here:
            (right if value in here[key] else wrong).add((key, value))
    missed = {(key, value) for key, values in must.items() for value in values if value not in said.get(key, set())}
    return right, wrong, missed


def visible(key, value, text):
    if key == "num_hidden_layers":
        return any(int(last or first) + 1 == value for first, last in re.findall(r"^ *\((\d+)(?:-(\d+))?\):", text, re.M))
    return re.search(rf"(?<![\d.]){value}(?![\d.])", text) is not None
