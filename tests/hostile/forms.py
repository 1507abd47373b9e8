"""An explanation in every form that it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import archmagic
from archmagic import Explanation
from archmagic.render.payload import payload, sent


def every_form(x: Any, folder: Path) -> tuple[Explanation, dict[str, str]]:
    """The explanation and each form as text, files as they were saved."""
    explanation = archmagic.explain(x)
    forms = {
        "text": explanation.to_text(),
        "narrow text": explanation.to_text(40),
        "coloured text": explanation.to_text(color=True),
        "markdown": explanation.to_markdown(),
        "page": explanation.to_html(),
        "svg": explanation.to_svg(),
        "json": json.dumps(explanation.to_dict()),
        "payload": json.dumps(payload(explanation)),
        "sent": sent(explanation),
        "repr": repr(explanation),
    }
    data, _ = explanation._repr_mimebundle_()
    forms |= {f"bundle {kind}": str(value) for kind, value in data.items()}
    for ending in ("html", "md", "json", "svg", "txt"):
        forms[f"saved {ending}"] = explanation.save(folder / f"model.{ending}").read_text(encoding="utf-8")
    forms["mermaid"] = explanation.diagram(form="mermaid") or ""
    forms["diagram"] = explanation.diagram() or ""
    return explanation, forms
