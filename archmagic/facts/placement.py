"""Where a block normalises, by the text of the forward that its class, or the class of its sub-layers, has."""

from __future__ import annotations

from typing import Literal

from .forward_source import Style, forward_style
from .places import Place

Placement = Literal["pre", "post", "res-post", "sandwich", "parallel"]

KINDS: dict[tuple[bool, bool, bool], Placement] = {
    (True, False, False): "pre",
    (False, False, True): "post",
    (False, True, False): "res-post",
    (True, True, False): "sandwich",
}
"""By whether a sub-layer's input, its result and the sum are normalised: as forward is written, or as it ran."""


def forward_placement(block: Place, norms: list[Place], parts: list[Place]) -> Placement | Literal["unusual"] | None:
    """The placement of a live block's norms; "unusual" where the text is understood and says none of them; None where it is not."""
    seen: dict[Place, tuple[bool, bool, bool]] = {}
    together: set[Place] = set()
    around: set[Placement] = set()
    for holder in dict.fromkeys(norm.parent for norm in norms if norm.parent):
        inside = {kid.name: part for part in parts for kid in holder.kids if kid.index <= part.index < kid.end}
        inside |= {name: part for part in parts if part is holder and (name := _first_product(holder))}
        if not inside and (placement := _around_any(holder)):
            around.add(placement)
            continue
        style = _style(holder, inside)
        if style is None:
            return None
        if style.unusual:
            return "unusual"
        seen |= {inside[name]: how for name, how in style.seen.items()}
        together |= {inside[name] for name in style.together}
    if around:
        return around.pop() if len(around) == 1 and not seen else "unusual"
    if set(seen) != set(parts):
        return None
    if together:
        side_by_side = together == set(parts) and set(seen.values()) == {(True, False, False)}
        return "parallel" if side_by_side else "unusual"
    found = set(seen.values())
    return KINDS.get(found.pop(), "unusual") if len(found) == 1 else "unusual"


def _around_any(holder: Place) -> Placement | None:
    """Of a module that wraps whatever sub-layer its forward is given (`x + sublayer(self.norm(x))`), how it normalises around it."""
    if holder.node.source is None:
        return None
    norms = [kid.name for kid in holder.kids if kid.kind == "normalization"]
    style = forward_style(holder.node.source, norms, (), holder.node.attributes)
    found = set(style.seen.values()) if style else set()
    return KINDS.get(found.pop()) if len(found) == 1 else None


def _style(holder: Place, parts: dict[str, Place]) -> Style | None:
    if holder.node.source is None or not parts:
        return None
    norms = [kid.name for kid in holder.kids if kid.kind == "normalization"]
    return forward_style(holder.node.source, norms, parts.keys(), holder.node.attributes)


def _first_product(holder: Place) -> str | None:
    """Of a feed-forward whose products the block holds itself, the first one's name."""
    return next((kid.name for kid in holder.kids if kid.kind == "linear"), None)
