"""What is measured on one model type: print-back to the letter, parameter counts, the truth of its facts, the size of its display."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .models import build, configs, remove_configs
from .truth import allowed, judge, truth, visible

Pairs = set[tuple[str, Any]]
Within = Callable[[str], dict[str, Any] | None]


@dataclass
class Verdict:
    """What was said of one model, against its config: (key, value) pairs said rightly, wrongly, not found, and found of those to find."""

    right: Pairs = field(default_factory=set)
    wrong: Pairs = field(default_factory=set)
    missed: Pairs = field(default_factory=set)
    found: Pairs = field(default_factory=set)


@dataclass
class Result:
    """One model type. `faults` are sentences: a letter printed otherwise, a count that is off, an error."""

    model_type: str
    modules: int = 0
    faults: list[str] = field(default_factory=list)
    printed: Verdict = field(default_factory=Verdict)
    live: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0
    html_bytes: int = 0


def measure(model_type: str) -> Result | None:
    """All figures of one model type; None where it does not build."""
    built = build(model_type)
    if built is None:
        return None
    model, config = built
    result = Result(model_type, sum(1 for _ in model.modules()))
    text = repr(model)
    within = judges(configs(model))
    for step in (_read_back, _count, _print_facts, _live_facts):
        try:
            step(result, model, text, config, within)
        except Exception as error:
            result.faults.append(f"{step.__name__[1:]}: {type(error).__name__}: {error}"[:300])
    return result


def judges(by_path: dict[str, dict[str, Any]]) -> Within:
    """For the scope of a fact, what the config of the nearest module around it allows."""
    may = {path: allowed(config) for path, config in by_path.items()}

    def within(scope: str) -> dict[str, Any] | None:
        around = [path for path in may if path == "" or scope == path or scope.startswith(path + ".")]
        return may[max(around, key=len)] if around else None

    return within


def _read_back(result: Result, model: Any, text: str, config: dict[str, Any], within: Within) -> None:
    from archmagic.read import read

    for source, x in (("live", model), ("printed", text)):
        back = str(read(x))
        if back != text:
            at = next((i for i, (a, b) in enumerate(zip(back, text, strict=False)) if a != b), min(len(back), len(text)))
            result.faults.append(f"{source} reading prints otherwise at character {at}: {back[at : at + 40]!r} for {text[at : at + 40]!r}")


def _count(result: Result, model: Any, text: str, config: dict[str, Any], within: Within) -> None:
    """The total, and that the rows add up to it, each shared weight counted once."""
    import archmagic
    from archmagic.tree import walk

    start = time.perf_counter()
    explanation = archmagic.explain(model)
    html = explanation._repr_mimebundle_()[0]["text/html"]
    result.seconds = time.perf_counter() - start
    result.html_bytes = len(str(html).encode())
    right = sum(parameter.numel() for parameter in model.parameters())
    fact = explanation.facts.get("num_parameters", "")
    parts = explanation.story.parts
    rows = sum((parts[visit.path].num_own_parameters or 0) * visit.multiplicity for visit in walk(explanation.tree.root))
    for name, said in (("the fact", fact and fact.value), ("the root's part", parts[""].num_parameters), ("the rows' sum", rows)):
        if said != right:
            result.faults.append(f"{name} says {said} parameters, not {right}")


def _print_facts(result: Result, model: Any, text: str, config: dict[str, Any], within: Within) -> None:
    result.printed = _verdict(text, config, text, within)


def _live_facts(result: Result, model: Any, text: str, config: dict[str, Any], within: Within) -> None:
    remove_configs(model)
    result.live = _verdict(model, config, None, within)


def _verdict(x: Any, config: dict[str, Any], shown: str | None, within: Within) -> Verdict:
    """`shown` is the print where only that was given: then only what it shows is to be found."""
    import archmagic

    facts = [fact for fact in archmagic.explain(x).to_dict()["facts"] if not isinstance(fact["value"], (list, dict))]
    must = truth(config)
    right, wrong, missed = judge(facts, must, allowed(config), within)
    wanted = {(key, value) for key, values in must.items() for value in values if shown is None or visible(key, value, shown)}
    return Verdict(right, wrong, missed & wanted, wanted - missed)
