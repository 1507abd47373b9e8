"""The stable JSON form of an explanation, schema "archmagic/1"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import Fact
from ..story import About, Part, Section
from ..tree import Tensor, Visit
from .forward import forward_data

if TYPE_CHECKING:
    from ..explanation import Explanation

SCHEMA = "archmagic/1"


def to_dict(explanation: Explanation) -> dict[str, Any]:
    """Plain lists, dicts, strings, numbers and None, in the order of the tree.

    `nodes` is a flat list, the root first; a node with a `repeat` stands for `count` modules. `num_parameters` are the distinct
    parameters of one such module; `num_own_parameters` those it holds itself and no earlier path does, so that all rows, each times
    the modules it stands for, add up to the model's total. `printed` is false where the print hides the node's parts or it is None.
    Beyond what every reader needs, nodes carry what a row or tooltip shows (`kind`, `basis` of the role, `arithmetic`, `shapes`, `docs`,
    `badges`, `settings` as sentences, and `about`, the key of its class in the top-level `about`), statements their `label` and the
    `facts` they tell, sections their `style`, and `notes` what the reader had to say. `forward` is null where no
    inputs were given. A later version may add keys; what is here stays.
    """
    tree, story = explanation.tree, explanation.story
    ids = {visit.path: number for number, visit in enumerate(tree.visits)}
    return {
        "schema": SCHEMA,
        "source": tree.source,
        "title": story.title,
        "summary": story.summary,
        "facts": [_fact(fact) for fact in explanation.facts],
        "story": [_section(section) for section in story.sections],
        "nodes": [_node(visit, story.parts[visit.path], ids) for visit in tree.visits],
        "about": {key: _about(about) for key, about in story.about.items()},
        "shared": dict(tree.shared),
        "notes": list(tree.notes),
        "forward": forward_data(tree.forward),
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key,
        "value": plain(fact.value),
        "scope": fact.scope,
        "basis": fact.basis,
        "evidence": list(fact.evidence),
        "from": [list(source) for source in fact.sources],
        "text": fact.text,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "path": section.path,
        "style": section.style,
        "statements": [
            {"text": s.text, "basis": s.basis, "evidence": list(s.evidence), "facts": [list(f) for f in s.facts], "label": s.label}
            for s in section.statements
        ],
    }


def _node(visit: Visit, part: Part, ids: dict[str, int]) -> dict[str, Any]:
    node, repeat = visit.node, visit.child.repeat if visit.child else None
    return {
        "id": ids[visit.path],
        "name": visit.name,
        "path": visit.path,
        "type": node.type,
        "qualified": node.qualified,
        "args": node.args,
        "attributes": {name: plain(value) for name, value in node.attributes.items()},
        "repeat": repeat and {"count": repeat.count, "first": repeat.first, "step": repeat.step, "period": repeat.period},
        "num_parameters": part.num_parameters,
        "num_own_parameters": part.num_own_parameters,
        "tensors": [
            {
                "name": t.name,
                "shape": None if t.shape is None else list(t.shape),
                "dtype": t.dtype,
                "trainable": t.trainable,
                "kind": t.kind,
                "notes": list(t.notes),
                "spread": _spread(t),
            }
            for t in node.tensors or ()
        ],
        "title": part.title,
        "kind": part.kind,
        "description": part.description,
        "specific": part.specific,
        "role": part.role,
        "basis": part.basis,
        "arithmetic": part.arithmetic,
        "shapes": part.shapes,
        "docs": part.docs,
        "badges": list(part.badges),
        "settings": dict(part.settings),
        "about": part.about,
        "printed": node.style != "verbatim" and not node.is_none,
        "children": [ids[_below(visit, child)] for child in node.children],
    }


def _spread(tensor: Tensor) -> dict[str, Any] | None:
    spread = tensor.spread
    if spread is None:
        return None
    local = None if spread.local is None else list(spread.local)
    return {"mesh": [list(row) for row in spread.mesh], "placements": list(spread.placements), "local": local, "text": str(spread)}


def _about(about: About) -> dict[str, Any]:
    return {
        "why": about.why,
        "formula": about.formula,
        "pitfalls": list(about.pitfalls),
        "paper": about.paper and {"name": about.paper[0], "link": about.paper[1]},
        "library": about.library,
    }


def _below(visit: Visit, child: Any) -> str:
    return f"{visit.path}.{child.segment}" if visit.path else str(child.segment)


def plain(value: object) -> Any:
    """Tuples as lists, mappings as dicts, non-finite floats and everything else that JSON lacks as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return str(value)
