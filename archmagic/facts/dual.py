"""Two encoders side by side, a convolutional one for images and one for text, whose results meet only at the end, as CLIP's do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from .convolution import convolution
from .ends import Embedding
from .patches import COLOURS
from .places import Place, Places
from .stacks import Tower


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """The parts of such a model: `width` is what both sides bring their result to, None where only a learned scale shows that they meet;
    `projections` are the modules that do so."""

    image: Place
    text: Place
    projections: tuple[Place, ...] = ()
    width: int | None = None
    scale: str = ""


SCALES = ("logit_scale", "temperature", "temp", "tau", "log_temperature", "logit_temperature")


def find_dual(places: Places, model: Place, towers: Sequence[Tower], tables: Sequence[Embedding]) -> Dual | None:
    """The two sides of a model in which nothing but a projection for each stands beside an image's encoder and a text's."""
    if not tables or len(places.of_kind("convolution")) < 2:
        return None
    makers = [place.index for place in places.all if _makes(places, place)]
    parts = _making(makers, model)
    while len(parts) == 1 and parts[0].kids:
        model, parts = parts[0], _making(makers, parts[0])
    tokens = [e.place for e in tables if e.role in ("token", "other")]
    image = [kid for kid in parts if _reads_image(places, kid) and not _holds(kid, tokens)]
    reads = [t.main.holder for t in towers] or [p for p in places.of_kind("recurrent") if not p.kids]
    text = [kid for kid in parts if _holds(kid, reads) and kid not in image]
    beside = [kid for kid in parts if kid not in image and kid not in text and not _holds(kid, [e.place for e in tables])]
    whole = all(any(place.index >= kid.index and place.index < kid.end for kid in (*text, *parts)) for place in tokens)
    if len(image) != 1 or len(text) != 1 or not tokens or not whole or any(t.cross for t in towers) or len(beside) > 2:
        return None
    scale = next((t.name for t in model.node.tensors or () if t.name in SCALES and t.kind == "parameter"), "")
    ends = _ends(places, beside, image[0], text[0], [t.main.holder for t in towers])
    widths = {width for _, width in ends}
    if len(ends) == 2 and len(widths) == 1 and (width := widths.pop()):
        return Dual(image[0], text[0], tuple(place for place, _ in ends), width, scale)
    return Dual(image[0], text[0], scale=scale) if scale and not beside else None


def _making(makers: Sequence[int], place: Place) -> list[Place]:
    """The children that hold a layer with weights, whose indices `makers` are."""
    return [kid for kid in place.kids if bisect_left(makers, kid.index) < bisect_left(makers, kid.end)]


def _makes(places: Places, place: Place) -> bool:
    return not place.kids and (place.kind in ("convolution", "embedding", "recurrent") or places.linear(place) is not None)


def _holds(around: Place, inner: Sequence[Place]) -> bool:
    return any(around.index <= place.index < around.end for place in inner)


def _reads_image(places: Places, place: Place) -> bool:
    """Whether it begins with a convolution over an image, and convolves more than once."""
    found = [c for p in places.under_of_kind(place, "convolution") if (c := convolution(p))]
    return len(found) > 1 and found[0].flat and found[0].n_in <= COLOURS


def _ends(places: Places, beside: Sequence[Place], image: Place, text: Place, stacks: Sequence[Place]) -> list[tuple[Place, int | None]]:
    """What each side ends in, and its width: a projection beside it, which takes what it gives, or a product of its own after its blocks.
    [] where others stand beside."""
    left, ends = list(beside), []
    for side in (image, text):
        own = next((kid for kid in left if _projects(places, kid, side)), None)
        if own:
            left.remove(own)
        ends.append(_last(places, own or side, stacks))
    return [] if left else ends


def _projects(places: Places, part: Place, side: Place) -> bool:
    """Whether a part is called a projection, or as the side is, and takes what that gives."""
    first = next((x.n_in for p in places.under(part) if not p.kids and (x := places.linear(p))), None)
    return ("proj" in part.name or part.name[:3] == side.name[:3]) and first in _gives(places, side)


def _gives(places: Places, side: Place) -> set[int | None]:
    """What may leave a side: what its last convolution, product or recurrent layer gives."""
    inside = places.under(side)
    products = [x.n_out for p in inside if not p.kids and (x := convolution(p) or places.linear(p))][-1:]
    states = [size for p in inside if p.kind == "recurrent" and type(size := p.node.get("hidden_size")) is int]
    return {*products, *states[-1:], *(2 * size for size in states[-1:])}


def _last(places: Places, place: Place, stacks: Sequence[Place]) -> tuple[Place, int | None]:
    """A part and the width of the last product in it; None where that stands in a stack of blocks."""
    products = [x for p in places.under(place) if not p.kids and (x := places.linear(p))][-1:]
    ends = [x.n_out for x in products if not any(s.index <= x.place.index < s.end for s in stacks)]
    return place, ends[0] if ends else None
