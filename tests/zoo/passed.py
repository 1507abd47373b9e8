"""What a pass adds to the facts of one model type: judged against its config, compared with what the modules tell, and drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .measure import judges
from .models import configs, remove_configs
from .truth import allowed, judge, truth

MEASURED = ("num_attention_heads", "num_key_value_heads", "head_dim")


def passed(model: Any, config: dict[str, Any], forward: Any) -> dict[str, Any]:
    """`wrong`: heads that the config does not allow. `contradictions`: what the pass measured otherwise than the modules told. `placed` and
    `drawn`: whether norm placement was measured, and whether there is a picture."""
    from archmagic.facts import find_facts
    from archmagic.read import read
    from archmagic.story import tell

    within = judges(configs(model))
    remove_configs(model)
    findings = find_facts(replace(read(model), forward=forward))
    facts = [
        {"key": f.key, "value": f.value, "scope": f.scope, "basis": f.basis}
        for f in findings.facts
        if f.key in MEASURED and isinstance(f.value, int)
    ]
    _, wrong, _ = judge(facts, truth(config), allowed(config), within)
    pictures = tell(findings).pictures
    return {
        "wrong": sorted(map(list, wrong)),
        "contradictions": [f.text for f in findings.facts if f.key.startswith("contradiction:")],
        "placed": [f.value for f in findings.facts if f.key == "norm_placement" and f.basis == "measured"],
        "drawn": [p.basis for p in pictures if p.main],
    }
