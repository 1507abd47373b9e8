"""All that is found out about one model: its structure, laid out once for all detectors, and the facts they made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..tree import Tree
from .alike import find_alike
from .attention import Attention, find_attentions, norm_width
from .blocks import Block, final_norm, find_blocks
from .convolution import Convolution, Stage, find_convolutions, find_stages, find_unet
from .dataflow import Steps
from .dual import Dual, find_dual
from .ends import Embedding, find_embeddings, find_heads, vocabulary_heads
from .experts import Experts, find_experts
from .fact import Basis, Fact, Facts, weakest
from .graph import GraphLayer, find_graph_layers
from .measured import Contradiction, measure_experts, measure_heads, measure_placement
from .names import classed, first_role, named
from .nested_unet import find_grid, find_levels
from .patches import Patches, find_patches
from .places import Linear, Place, Places
from .sizes import Sizes
from .stacks import Stack, Tower, find_stacks, find_towers
from .width import agreed_width

WRAPPED = ("module", "_orig_mod", "_fsdp_wrapped_module", "base_model")
"""The attribute names under which wrappers hold their model."""


def _side(place: Place) -> str | None:
    """Whose ids a table beside an encoder and a decoder holds, by the names around it; None where they do not tell."""
    return next((side for near in (place, *place.up()) for side in ("source", "target") if named(side, near.name)), None)


def _fed_on(places: Places, table: Embedding) -> bool:
    """Whether a recurrent layer beside a table reads it: a predictor of symbols beside an encoder of sound has a table of its own."""
    beside = table.place.parent.kids if table.place.parent and table.place.parent is not places.root else []
    return any(k.kind == "recurrent" and k.node.get("input_size") == table.width for k in beside)


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def kept(method: Callable[Concatenate[Findings, Asked], Answer]) -> Callable[Concatenate[Findings, Asked], Answer]:
    """A question about a tower, of which detectors and sentences ask again and again: answered once for each tower."""

    @wraps(method)
    def answer(self: Findings, *asked: Asked.args, **named: Asked.kwargs) -> Answer:
        key = (method.__name__, *asked, *named.values())
        if key not in self.answers:
            self.answers[key] = method(self, *asked, **named)
        found: Answer = self.answers[key]
        return found

    return answer  # type: ignore[return-value]


@dataclass(eq=False)
class Findings:
    """The structure of a model, and the facts found so far in the order of the detectors."""

    tree: Tree
    found: list[Fact] = field(default_factory=list)
    _known: dict[tuple[str, str], Fact] = field(default_factory=dict)
    conventions: dict[str, Any] = field(default_factory=dict)
    inner: dict[str, Findings] = field(default_factory=dict)
    """Of several models read together, each one's own findings, by its path."""
    answers: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """What was asked of towers, and the answers: see `kept`."""
    contradictions: list[Contradiction] = field(default_factory=list)
    """Where a forward pass measured otherwise than the modules told."""

    @cached_property
    def places(self) -> Places:
        return Places(self.tree)

    @cached_property
    def followed(self) -> Steps | None:
        """The steps of a forward pass, where there was one."""
        forward = self.tree.forward
        return Steps(forward, self.places) if forward and forward.steps else None

    @cached_property
    def model(self) -> Place:
        """The model itself, inside the wrappers (DataParallel, torch.compile's, PEFT's) that stand around it."""
        place = self.places.root
        while len(place.kids) == 1 and place.kids[0].name in WRAPPED and place.kids[0].count == 1:
            place = place.kids[0]
        tuner = place.parent  # PEFT: base_model is a tuner, whose model is the one adapted
        inner = next((kid for kid in place.kids if kid.name == "model"), None)
        return inner if tuner and place.name == "base_model" and inner and len(place.kids) == 1 else place

    @cached_property
    def alike(self) -> Place | None:
        """The run of whole networks, all alike, that the model lists side by side; None where it is one network."""
        return find_alike(self.places, self.model)

    @cached_property
    def attentions(self) -> list[Attention]:
        found = find_attentions(self.places)
        if self.followed:
            self.contradictions += [x for attention in found for x in measure_heads(self.followed, attention)]
        return found

    @cached_property
    def stacks(self) -> list[Stack]:
        return find_stacks(self.places, self.attentions)

    @cached_property
    def towers(self) -> list[Tower]:
        return find_towers(self.places, self.stacks, self.attentions, self.alike)

    @cached_property
    def blocks(self) -> dict[Tower, list[Block]]:
        found = {tower: find_blocks(self.places, tower, tower.attentions, self.experts) for tower in self.towers}
        if self.followed:
            self.contradictions += [x for blocks in found.values() for block in blocks for x in measure_placement(self.followed, block)]
        return found

    @cached_property
    def experts(self) -> list[Experts]:
        found = find_experts(self.places)
        if self.followed:
            self.contradictions += [x for experts in found for x in measure_experts(self.followed, experts)]
        return found

    @cached_property
    def convolutions(self) -> list[Convolution]:
        return find_convolutions(self.places)

    @cached_property
    def stages(self) -> list[Stage]:
        return find_stages(self.places)

    @cached_property
    def graph_layers(self) -> list[GraphLayer]:
        return find_graph_layers(self.places)

    @cached_property
    def steps(self) -> Place | None:
        """A module named for the steps of a diffusion, by which the noise is taken away."""
        types = {name for name in self.places.types if classed("timestep", name)}
        return next((p for p in self.places.all if p.node.type in types or first_role(("timestep",), p.name)), None)

    @cached_property
    def unet(self) -> tuple[str, ...]:
        """The parts of a U-Net, () where the model is none."""
        return find_unet(self.places, self.convolutions)

    @cached_property
    def unet_levels(self) -> list[Place]:
        """The levels of a U-Net that stand one in another, [] where there are none."""
        return find_levels(self.places)

    @cached_property
    def unet_grid(self) -> list[Place]:
        """The nodes of a U-Net++, [] where there are none."""
        return find_grid(self.places)

    @cached_property
    def embeddings(self) -> list[Embedding]:
        return find_embeddings(self.places)

    @cached_property
    def heads(self) -> list[Linear]:
        widths = {width[0] for tower in self.towers if (width := self.width(tower))}
        return find_heads(self.places, self.towers, self.embeddings, widths)

    @cached_property
    def vocabulary_heads(self) -> list[tuple[Linear, Embedding]]:
        return vocabulary_heads(self.heads, self.embeddings)

    @cached_property
    def dual(self) -> Dual | None:
        """An image's encoder and a text's side by side, where the image's is convolutional; None of any other model."""
        if len(self.towers) > 1 or self.vocabulary_heads or self.steps:
            return None
        return find_dual(self.places, self.model, self.towers, self.embeddings)

    @cached_property
    def assumed_shapes(self) -> dict[Place, tuple[int, int]]:
        """Sizes that a convention gives to products printed without any; filled by the family's detector."""
        return {}

    @cached_property
    def assumed_ties(self) -> dict[Place, str]:
        """Products whose weight, by convention, another module holds: the place -> the path of that weight."""
        return {}

    @cached_property
    def sizes(self) -> Sizes:
        return Sizes(self.places, self.assumed_shapes, self.assumed_ties)

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.found)

    @kept
    def patches(self, tower: Tower) -> Patches | None:
        earlier = self.towers[: self.towers.index(tower)] if tower in self.towers else []
        lists = {above for above in tower.main.holder.up() if above.node.type in ("Sequential", "ModuleList") and above.parent}
        if any(above in lists for other in earlier for above in other.main.holder.up()):
            return None  # a later stage of one list: what it cuts is no image
        return find_patches(self.places, tower)

    @kept
    def final_norm(self, tower: Tower) -> Place | None:
        """The norm after the last block; one that is as wide as nothing in the blocks stands elsewhere."""
        found = final_norm(self.places, tower)
        blocks = self.blocks.get(tower, [])
        widths = {norm_width(n) for b in blocks for n in b.norms} | {a.width for b in blocks for a in b.attentions}
        width = norm_width(found) if found else None
        return found if not width or width in widths or widths <= {None} else None

    @kept
    def embeddings_of(self, tower: Tower, *roles: str) -> list[Embedding]:
        """The tower's tables of these roles, in it or, where it has none of its own, beside all towers."""
        inside = [e for e in self.embeddings if e.role in roles and tower.place.index <= e.place.index < tower.place.end]
        inside = [e for e in inside if not _fed_on(self.places, e)]
        if inside or not self.is_text(tower) or self._goes_on(tower):
            return inside
        owned = [t.place for t in self.towers]
        beside = [e for e in self.embeddings if e.role in roles and not any(p.index <= e.place.index < p.end for p in owned)]
        return [e for e in beside if self.serves(tower, e.place)]

    @cached_property
    def _two_sided(self) -> bool:
        """Whether tables beside an encoder and a decoder are named for the one or the other."""
        crossing = [t.cross for t in self.towers]
        return crossing == [False, True] and {"source", "target"} <= {_side(e.place) for e in self.embeddings if e.role == "token"}

    @kept
    def serves(self, tower: Tower, place: Place) -> bool:
        """Whether what stands beside an encoder and a decoder is not named for the other one's ids."""
        return not self._two_sided or _side(place) in (None, "target" if tower.cross else "source")

    def _goes_on(self, tower: Tower) -> bool:
        """Whether an earlier list of blocks in the same module is the one that what stands beside both is given to."""
        earlier = [t for t in self.towers[: self.towers.index(tower)] if self.is_text(t)] if tower in self.towers else []
        holder = tower.main.holder.parent
        return any(t.main.holder.parent is holder for t in earlier)

    def is_text(self, tower: Tower) -> bool:
        return self.patches(tower) is None

    @kept
    def width(self, tower: Tower, stack: Stack | None = None) -> tuple[int, tuple[str, ...]] | None:
        """The width of the residual stream (in one stack), and what shows it: what most of attention, feed-forward and norms agree on."""
        found = agreed_width(self.places, [b for b in self.blocks.get(tower, ()) if not stack or b.stack is stack])
        if stack is None and not tower.main.stages and (final := self.final_norm(tower)):
            last = norm_width(final)
            inner = {norm_width(n) for b in self.blocks.get(tower, ()) for n in b.norms}
            if found and last and last != found[0] and last in inner:  # blocks of two streams, of which this one goes on
                return last, (final.path,)
        return found

    def block_width(self, block: Block) -> tuple[int, tuple[str, ...]] | None:
        """The width of the stream that passes one block."""
        return agreed_width(self.places, [block])

    def block_widths(self, tower: Tower) -> dict[str, tuple[int, tuple[str, ...]]]:
        """Of a list whose stream widens along the way, each run's width by its path; {} where it does not widen."""
        found = [(block.place.path, width) for block in self.blocks[tower] if (width := self.block_width(block))]
        values = [width[0] for _, width in found]
        if len(set(values)) < 2 or values != sorted(values):  # else single blocks work on a copy of another width
            return {}
        last = next(row for row in found if row[1][0] == values[-1])
        return dict((*(row for row in found if row[1][0] != values[-1]), last))

    def add(self, fact: Fact) -> None:
        """Keeps a fact, unless its key and scope are told already: the first to tell it is believed."""
        if self._known.setdefault((fact.key, fact.scope), fact) is fact:
            self.found.append(fact)

    def get(self, key: str, scope: str = "") -> Fact | None:
        return self._known.get((key, scope))

    def basis_of(self, sources: Iterable[tuple[str, str]], basis: Basis) -> Basis:
        """The basis of a fact made from others: never surer than they are."""
        made = (self.get(*source) for source in sources)
        return weakest([basis, *(f.basis for f in made if f)])
