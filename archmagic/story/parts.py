"""What is said of each node: the catalog's text on its type, its role here, its arithmetic and marks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ..catalog.lookup import parameter_arithmetic, setting_texts
from ..facts import Findings
from ..facts.places import Place
from .about import class_key
from .badges import Badges
from .roles import Role
from .shapes import Shapes
from .story import Part, Parts


class FoundParts(Parts):
    """A part for every path of the folded tree, each made when it is first asked for: a display shows few of thousands."""

    def __init__(self, findings: Findings, roles: dict[Place, Role]) -> None:
        super().__init__()
        self._findings, self._sizes = findings, findings.sizes
        self._places = findings.places.by_path
        self._roles = roles

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, path: object) -> bool:
        return path in self._places

    def own(self, path: str) -> int | None:
        place = self._places.get(path)
        return None if place is None else self._sizes.here[place]

    def whole(self, path: str) -> int | None:
        place = self._places.get(path)
        return None if place is None or place in self._sizes.blank else self._sizes.total[place]

    def kind(self, path: str) -> str:
        place = None if path in self._made else self._places.get(path)
        return super().kind(path) if place is None else self._kind(place)

    def badges(self, path: str) -> tuple[str, ...]:
        place = None if path in self._made else self._places.get(path)
        return super().badges(path) if place is None else self._badges.of(place)

    def _kind(self, place: Place) -> str:
        role = self._roles.get(place)
        return "other" if place.node.is_none else role.kind if role else place.match.entry.kind

    @cached_property
    def _badges(self) -> Badges:
        return Badges(self._findings)

    @cached_property
    def _shapes(self) -> Shapes:
        return Shapes(self._findings)

    def _make(self, path: str) -> Part:
        place = self._places[path]
        role, match, is_none = self._roles.get(place), place.match, place.node.is_none
        entry, known = match.entry, match.specific
        text = role.text if role else None
        return Part(
            title="Absent" if is_none else role.title if role and (place.kids or not known) else entry.title,
            kind=self._kind(place),
            description=NONE if is_none else entry.summary if known or not text else text,
            specific=known or role is not None,
            role=text,
            basis=role.basis if role else "measured" if match.how in ("class", "base") or not known else "named",
            arithmetic=self._arithmetic(place),
            shapes=self._shapes.of(place),
            docs=entry.docs if known else None,
            badges=self._badges.of(place),
            settings=setting_texts(entry, place.node.settings) if known else (),
            about=class_key(place),
            num_parameters=self.whole(path),
            num_own_parameters=self.own(path),
        )

    def _arithmetic(self, place: Place) -> str | None:
        if place in self._findings.assumed_shapes:
            n_in, n_out = self._findings.assumed_shapes[place]
            return f"{n_in:,} × {n_out:,} + {n_out:,} = {n_in * n_out + n_out:,}"
        return parameter_arithmetic(place.node)


NONE = "Registered, but None: nothing is computed here."
