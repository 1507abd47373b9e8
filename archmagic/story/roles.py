"""What each part does here: roles from the structure found, in sentences from roles.toml."""

from __future__ import annotations

from dataclasses import dataclass

from ..facts import Basis, Findings
from ..facts.attention import Attention, norm_width
from ..facts.blocks import Block
from ..facts.feed_forward import FeedForward
from ..facts.names import activation_name, classed, named
from ..facts.places import Place
from ..facts.sentence import fill, templates
from ..facts.stacks import Tower
from . import words


@dataclass(frozen=True, slots=True)
class Role:
    """What a part is here: its title and kind, and a sentence with its basis."""

    key: str
    text: str | None
    basis: Basis = "measured"

    @property
    def title(self) -> str:
        return templates("archmagic.story", "roles.toml")[f"{self.key}.title"]

    @property
    def kind(self) -> str:
        return templates("archmagic.story", "roles.toml")[f"{self.key}.kind"]


def find_roles(findings: Findings) -> dict[Place, Role]:
    """The role of every place that has one."""
    return _Assigner(findings).roles


class _Assigner:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.places = findings.places
        self.roles: dict[Place, Role] = {}
        self._ends()
        self._mixtures()
        for tower in findings.towers:
            self._tower(tower)
        self._fallbacks()

    def give(self, place: Place | None, key: str, sentence: str | None = "text", basis: Basis = "measured", **values: object) -> None:
        """Gives a place its role, unless it has one already."""
        if place is None or place in self.roles:
            return
        text = fill(templates("archmagic.story", "roles.toml")[f"{key}.{sentence}"], values) if sentence else None
        self.roles[place] = Role(key, text, basis)

    def sizes_of(self, place: Place) -> tuple[int | None, int | None, Basis]:
        """(n_in, n_out) of a product and whether they are measured or a convention's."""
        if place in self.findings.assumed_shapes:
            return *self.findings.assumed_shapes[place], "assumed"
        found = self.places.linear(place)
        return (found.n_in, found.n_out, "measured") if found else (None, None, "measured")

    # The ends of the model

    def _ends(self) -> None:
        findings = self.findings
        for embedding in findings.embeddings:
            key = {"token": "token_embedding", "position": "position_embedding", "type": "type_embedding", "relative": "relative_bias"}.get(
                embedding.role
            )
            if key == "position_embedding" and classed("sinusoidal", embedding.place.node.type):
                continue
            if key:
                self.give(embedding.place, key, basis="named", width=embedding.width, rows=embedding.rows)
        for head, table in findings.vocabulary_heads:
            fact = findings.get("tie_word_embeddings")
            tied = f", with the weight of {table.place.path}" if fact and fact.value is True else ""
            basis: Basis = fact.basis if fact and tied else "measured"
            self.give(head.place, "vocabulary_head", basis=basis, n_in=head.n_in, n_out=head.n_out, tied=tied)
        for head in findings.heads:
            if head.place.parent and head.place.parent.name == "pooler":
                self.give(head.place.parent, "pooler", basis="named")
            elif head.n_in and (findings.towers or head is findings.heads[-1]):
                self.give(head.place, "head", basis="named", n_in=head.n_in, n_out=head.n_out)

    def _tower(self, tower: Tower) -> None:
        findings = self.findings
        for stack in tower.stacks:
            self.give(stack.holder, "holder", "stage" if stack.stages else "text", count=stack.count)
        for block in findings.blocks[tower]:
            self._block(tower, block)
        self._before_blocks(tower)
        self.give(findings.final_norm(tower), "final_norm", basis="named")
        if tower.place is not self.places.root:
            self._tower_itself(tower, tower.place)
        for above in tower.main.holder.up():
            if above is tower.place or above is self.places.root:
                break
            self._tower_itself(tower, above)

    def _tower_itself(self, tower: Tower, place: Place) -> None:
        width = self.findings.width(tower)
        if len(self.findings.towers) == 2 and self.findings.towers[1].cross:
            self.give(place, "tower", "decoder" if tower.cross else "encoder", "named")
        elif self.findings.patches(tower) and len(self.findings.towers) > 1:
            self.give(place, "tower", "vision", "named")
        elif len(self.findings.towers) > 1 and self.findings.embeddings_of(tower, "token"):
            self.give(place, "tower", "text", "named")
        elif self.findings.patches(tower) and width and any(p is place for p in self.findings.places.root.kids):
            self.give(place, "tower", "backbone_vision", "named", width=width[0])
        elif (
            self.findings.embeddings_of(tower, "token")
            and width
            and any(place.index <= e.place.index < place.end for e in self.findings.embeddings)
        ):
            self.give(place, "tower", "backbone", "named", width=width[0])
        else:
            self.give(place, "holder", "text", count=tower.main.count)

    def _before_blocks(self, tower: Tower) -> None:
        findings = self.findings
        patches = findings.patches(tower)
        if patches and len(set(patches.size)) == 1:
            self.give(patches.place, "patch_embedding", size=patches.size[0], channels=patches.channels, width=patches.width)
            parent = patches.place.parent
            if parent and parent is not tower.place:
                self.give(parent, "embeddings", "patches")
                if parent.parent and parent.parent is not tower.place and "embed" in parent.parent.name:
                    self.give(parent.parent, "embeddings", "patches")
        tables = findings.embeddings_of(tower, "token", "position", "type")
        holders = {t.place.parent for t in tables}
        if len(tables) > 1 and len(holders) == 1 and (holder := holders.pop()) and classed("embeddings", holder.node.type):
            names = words.listing([t.place.name for t in tables])
            self.give(holder, "embeddings", "text", "named", width=tables[0].width, tables=names)
        self._embedding_extras(tower, [t.place for t in tables] + ([patches.place] if patches else []))

    def _embedding_extras(self, tower: Tower, tables: list[Place]) -> None:
        for parent in {t.parent for t in tables if t.parent}:
            for kid in parent.kids:
                if kid.index >= tower.main.holder.index and kid.index < tower.main.holder.end:
                    continue
                before = kid.index < tower.main.holder.index
                if kid.node.type.startswith("Dropout") and before:
                    self._dropout(kid, "embedding_dropout")
                elif kid.kind == "normalization" and before and kid is not self.findings.final_norm(tower):
                    self.give(kid, "embedding_norm", basis="named")

    # One block

    def _block(self, tower: Tower, block: Block) -> None:
        residual = ", each adding its result to the stream" if block.placement in ("pre", "post", "sandwich") else ""
        crossing = any(a.cross for a in block.attentions)
        mixture = bool(block.mixtures)
        if block.placement == "parallel":
            self.give(block.place, "block", "parallel", "named")
        elif block.attentions and mixture and not crossing:
            self.give(block.place, "block", "mixture", "named", residual=residual)
        elif block.attentions and block.feeds:
            self.give(block.place, "block", "cross" if crossing else "both", "named", residual=residual)
        elif block.attentions:
            self.give(block.place, "block", "attention", "named", residual=residual)
        for attention in block.attentions:
            self._attention(tower, block, attention)
        for feed in block.feeds:
            self._feed_forward(block, feed)
        self._norms(block)
        self._rest_of_block(block)

    def _attention(self, tower: Tower, block: Block, attention: Attention) -> None:
        parts = attention.parts
        heads, basis = self._heads(tower, attention)
        key = (
            "cross"
            if attention.cross
            else "linear"
            if attention.linear
            else "latent"
            if attention.form == "latent"
            else self._direction(tower)
        )
        said = {"causal": "named", "both_ways": "named", "cross": "named"}.get(key, "derived")
        self.give(
            attention.place,
            "attention",
            key,
            _weaker(said, basis if heads and key not in ("linear", "latent") else "measured"),
            heads=heads,
        )
        self._wrappers(block, attention)
        for role in (
            "query",
            "key",
            "value",
            "fused_kv",
            "output",
            "latent_query_down",
            "latent_query_up",
            "latent_kv_down",
            "latent_kv_up",
        ):
            if role in parts:
                n_in, n_out, known = self.sizes_of(parts[role])
                if n_in and n_out:
                    self.give(parts[role], role, basis=known, n_in=n_in, n_out=n_out, heads="")
                elif role == "output":
                    self.give(parts[role], role, "plain", known)
        if "fused_qkv" in parts:
            self._fused(attention)
        for role in ("query_norm", "key_norm"):
            if role in parts:
                width = norm_width(parts[role])
                whole = width is None or width == attention.inner
                self.give(parts[role], role, "whole" if whole else "head", "measured", size=width or 0)
        for place in self.places.under(attention.place):
            if classed("rotary", place.node.type):
                self.give(place, "rotary", basis="named")
            if place.node.type.startswith("Dropout"):
                self._dropout(
                    place,
                    "residual_dropout"
                    if "resid" in place.name or "proj" in place.name or "out" in place.name.replace("dropout", "")
                    else "attention_dropout",
                    part=attention.place.name,
                )

    def _direction(self, tower: Tower) -> str:
        fact = self.findings.get("is_causal")
        if fact and fact.value:
            return "causal"
        two = len(self.findings.towers) == 2 and self.findings.towers[1].cross
        if two:
            return "causal" if tower.cross else "both_ways"
        kind = self.findings.get("architecture")
        return "both_ways" if kind and kind.value in ("Transformer encoder", "vision Transformer") else "plain"

    def _heads(self, tower: Tower, attention: Attention) -> tuple[str, Basis]:
        heads, dim, kv = attention.heads, attention.head_dim, attention.kv_heads
        if heads and dim:
            shared = f", {words.count(kv.value)} of them shared for keys and values" if kv and kv.value < heads.value else ""
            if kv and kv.value < heads.value:
                shared = f", with {words.count(kv.value)} heads for keys and values"
            return f", in {heads.value} heads of {dim.value}{shared}", max(
                (heads.basis, dim.basis), key=lambda b: ("measured", "derived", "config").index(b)
            )
        fact, width = self.findings.get("num_attention_heads", tower.scope), self.findings.get("head_dim", tower.scope)
        if fact and width and fact.basis == "assumed" and not attention.cross:
            return f", in {fact.value} heads of {width.value}", "assumed"
        return "", "measured"

    def _fused(self, attention: Attention) -> None:
        place = attention.parts["fused_qkv"]
        n_in, n_out, basis = self.sizes_of(place)
        if not (n_in and n_out):
            self.give(place, "fused_qkv", "plain", "named")
            return
        inner = attention.inner or (n_out // 3 if n_out % 3 == 0 else None)
        if inner and n_out == 3 * inner:
            self.give(place, "fused_qkv", "equal", basis, n_in=n_in, n_out=n_out, inner=inner)
        elif inner and attention.kv_inner:
            self.give(place, "fused_qkv", "grouped", _weaker("derived", basis), n_in=n_in, n_out=n_out, inner=inner, kv=attention.kv_inner)
        else:
            self.give(place, "fused_qkv", "plain", "named")

    def _wrappers(self, block: Block, attention: Attention) -> None:
        output = attention.parts.get("output")
        if output and output.parent and output.parent is not attention.place and output.parent.name == "output":
            norm = any(k.kind == "normalization" for k in output.parent.kids)
            self.give(output.parent, "wrapper_output", "norm" if norm else "text", "named")
            for kid in output.parent.kids:
                if kid.node.type.startswith("Dropout"):
                    self._dropout(kid, "residual_dropout", part=attention.place.parent.name if attention.place.parent else "attention")
        for above in attention.place.up():
            if above is block.place:
                break
            if any(above.index <= f.up.index < above.end for f in block.feeds):
                self.give(above, "sublayers")
            else:
                self.give(above, "attention", "wrapper", around=_around(above, attention.place))

    # Feed-forward

    def _feed_forward(self, block: Block, feed: FeedForward) -> None:
        n_in, n_out, basis = self.sizes_of(feed.up)
        inner = n_out // 2 if n_out and feed.fused_gate else n_out
        act = activation_name(feed.activation.node.type) if feed.activation else None
        activation = (
            f"; the activation is {feed.activation.match.entry.title}"
            if act and feed.activation and feed.activation.match.how != "generic"
            else ""
        )
        if feed.place is not block.place:
            if n_in and inner:
                form = "gated" if feed.gate or feed.fused_gate else "plain"
                self.give(
                    feed.place, "feed_forward", form, basis, hidden=n_in, inner=inner, ratio=_wider(inner, n_in), activation=activation
                )
            else:
                self.give(feed.place, "feed_forward", "bare", "named")
            for above in feed.place.up():
                if above is block.place or len(above.kids) > 4:
                    break
                if any(a.place.index >= above.index and a.place.index < above.end for a in block.attentions):
                    break
                self.give(above, "feed_forward", "wrapper", around=_around(above, feed.place))
        if feed.fused_gate:
            self.give(feed.up, "gate_up", basis=basis, n_in=n_in, n_out=n_out, inner=inner)
        elif n_in and n_out:
            self.give(feed.up, "up", "text" if n_out > n_in else "narrow", basis, n_in=n_in, n_out=n_out, ratio=words.ratio(n_out, n_in))
        else:
            self.give(feed.up, "up", "bare", "named")
        if feed.gate:
            g_in, g_out, g_basis = self.sizes_of(feed.gate)
            self.give(feed.gate, "gate", basis=_weaker("named", g_basis), n_in=g_in, n_out=g_out, up=feed.up.name)
        d_in, d_out, d_basis = self.sizes_of(feed.down)
        if d_in and d_out:
            self.give(feed.down, "down", basis=d_basis, n_in=d_in, n_out=d_out)
        else:
            self.give(feed.down, "down", "bare", "named")
        self._around_feed(feed, block)

    def _around_feed(self, feed: FeedForward, block: Block) -> None:
        if feed.activation:
            gated = feed.gate or feed.fused_gate
            up, down = (feed.up.name, feed.down.name) if feed.up.name != feed.down.name else (_two(feed.up), _two(feed.down))
            self.give(feed.activation, "activation", "gate" if gated else "text", "named", up=up, down=down)
        for half, key in ((feed.up.parent, "intermediate"), (feed.down.parent, "feed_output")):
            if half and half is not feed.place and half is not block.place:
                norm = any(k.kind == "normalization" for k in half.kids)
                self.give(half, key, "norm" if norm and key == "feed_output" else "text", "named")
                if key == "feed_output":
                    feed.dropouts.extend(k for k in half.kids if k.node.type.startswith("Dropout"))
        inside = [p for p in self.places.under(feed.place) if p.node.type.startswith("Dropout")] if feed.place is not block.place else []
        for place in dict.fromkeys(inside + feed.dropouts):
            if feed.place is not block.place or place.parent is not block.place:
                self._dropout(
                    place,
                    "residual_dropout" if place.parent is feed.down.parent and place.parent is not feed.place else "feed_dropout",
                    part=feed.place.name if feed.place is not block.place else "the feed-forward",
                )

    # Mixtures of experts

    def _mixtures(self) -> None:
        for experts in self.findings.experts:
            shared = next((k for k in experts.holder.kids if named("shared_experts", k.name) or named("shared_expert", k.name)), None)
            feed = next((f for blocks in self.findings.blocks.values() for b in blocks for f in b.feeds if f.place is shared), None)
            beside = " and, always, through the shared one" if shared else ""
            per_token = experts.per_token
            basis: Basis = per_token.basis if per_token else "named"
            key = "counted" if per_token else "plain"
            if experts.holder is not experts.place:
                count = per_token.value if per_token else 0
                self.give(experts.holder, "mixture", key, basis, count=experts.count, per_token=count, shared=beside)
            hidden = self.findings.width(self.findings.towers[0]) if self.findings.towers else None
            if experts.place.node.tensors and experts.inner and hidden:
                self.give(experts.place, "experts", "stacked", hidden=hidden[0], inner=experts.inner, count=experts.count)
            else:
                self.give(experts.place, "experts", "listed", "measured", count=experts.count)
            self.give(experts.router, "router", basis="named", count=experts.count)
            if feed and feed.hidden and feed.inner:
                self.give(shared, "shared_experts", hidden=feed.hidden, inner=feed.inner, activation="")

    def _norms(self, block: Block) -> None:
        for table, key in ((block.before, "norm_before"), (block.after, "norm_after")):
            for part, norm in table.items():
                if block.placement == "parallel":
                    self.give(norm, "norm_before", "parallel", block.basis)
                else:
                    self.give(norm, key, basis=block.basis, part=self._part_name(block, part))
        for norm in block.norms:
            width = norm_width(norm)
            if width:
                self.give(norm, "block_norm", width=width)

    def _part_name(self, block: Block, part: Place) -> str:
        if part is block.place:
            return "the feed-forward"
        top = part
        for above in part.up():
            if above is block.place:
                break
            top = above
        return top.attribute or top.parent.attribute if top.name.isdecimal() and top.parent else top.name

    def _rest_of_block(self, block: Block) -> None:
        for kid in self.places.under(block.place):
            if kid.node.type.startswith("Dropout"):
                self._dropout(kid, "inner_dropout")
            elif classed("rotary", kid.node.type):
                self.give(kid, "rotary", basis="named")

    def _dropout(self, place: Place, key: str, part: str = "the sub-layer") -> None:
        p = place.node.get("p")
        if type(p) is not float and type(p) is not int:
            return
        if not p:
            self.give(place, "inner_dropout", "off")
            return
        basis: Basis = "measured" if key == "inner_dropout" else "named"
        self.give(place, key, basis=basis, percent=words.percent(float(p)), part=part)

    def _fallbacks(self) -> None:
        for place in self.places.all:
            found = self.places.linear(place)
            if found and found.n_in and found.n_out:
                self.give(place, "linear", n_in=found.n_in, n_out=found.n_out)
            if place.node.type.startswith("Dropout"):
                self._dropout(place, "inner_dropout")
            elif classed("rotary", place.node.type) and self.findings.towers:
                self.give(place, "rotary", basis="named")


def _wider(inner: int, hidden: int) -> str:
    return f" ({words.ratio(inner, hidden)} × wider inside)" if inner > hidden else ""


def _two(place: Place) -> str:
    """ "intermediate.dense": the name with its parent's."""
    return f"{place.parent.name}.{place.name}" if place.parent else place.name


def _around(wrapper: Place, inner: Place) -> str:
    """ "layer_norm and dropout": what a wrapper holds beside the part it wraps."""
    beside = [k.name for k in wrapper.kids if not k.index <= inner.index < k.end]
    return words.listing(beside) or inner.name


def _weaker(first: str, second: str) -> Basis:
    from ..facts import weakest

    return weakest([first, second])  # type: ignore[list-item]


__all__ = ["Role", "find_roles", "named"]
