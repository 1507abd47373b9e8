"""What a forward pass told: what goes in and comes out, what it costs and how that grows, or where and why forward stops."""

from __future__ import annotations

from collections.abc import Iterator

from ..facts import Basis
from ..tree import Data, Failure, Forward, Growth, Step
from .story import Section, Statement
from .telling import Telling, words

SMALLEST_SHARE = 0.001
MOST_TERMS = 3
POWERS = {2: "²", 3: "³", 4: "⁴"}
"""Of a cost's growth terms below a share are left out, and growth of more terms is not told."""
LENGTHS = (1024, 16384)
"""Sequence lengths at which attention's share is told."""


def stopped(telling: Telling) -> list[Section]:
    """One section where forward failed, which is what the reader wants to know first; else none."""
    forward = telling.findings.tree.forward
    if forward is None or forward.failed is None:
        return []
    return [Section(telling.text("passing.stops"), tuple(_failure(telling, forward, forward.failed)))]


def passing(telling: Telling) -> list[Section]:
    """One section where a pass was made; else none."""
    forward = telling.findings.tree.forward
    if forward is None or forward.failed is not None:
        return []
    return [Section(telling.text("passing.title"), tuple(_statements(telling, forward)))]


def _statements(telling: Telling, forward: Forward) -> Iterator[Statement]:
    yield telling.say("passing.io", inputs=_listed(forward.inputs, sizes=True), outputs=_listed(forward.outputs), evidence=[""])
    if forward.symbols:
        letters = [telling.text("passing.symbol", letter=s.letter, meaning=s.meaning, size=s.size) for s in forward.symbols]
        yield telling.say("passing.symbols", symbols=words.listing(letters))
    if forward.chosen:
        how = telling.text(f"passing.choice_{forward.choice}")
        yield telling.say("passing.chosen", paths=words.listing(forward.chosen), how=how, basis="assumed", evidence=forward.chosen)
    basis: Basis = "assumed" if forward.chosen else "measured"
    yield from _cost(telling, forward, basis)
    yield from _memory(telling, forward, basis)
    if forward.never_called:
        yield telling.say("passing.never", paths=words.listing(forward.never_called), evidence=forward.never_called)
    again = {step.path: step.calls for step in forward.steps if step.calls > 1 and step.kind == "module"}
    if again:
        told = [telling.text("passing.times", path=path, times=words.times(calls)) for path, calls in again.items()]
        yield telling.say("passing.again", paths=words.listing(told), evidence=again)
    for note in forward.notes:
        yield telling.say("passing.note", note=note)


def _cost(telling: Telling, forward: Forward, basis: Basis) -> Iterator[Statement]:
    if not forward.flops:
        return
    yield telling.say("passing.flops", flops=words.human(forward.flops), basis=basis, evidence=[step.path for step in _dearest(forward)])
    sizes, growth, attention = forward.sizes, forward.growth, forward.attention_growth
    if how := _growing(telling, growth, sizes):
        yield telling.say("passing.grows", how=how, basis=basis)
    positions = sizes.get("B", 1) * sizes["T"] if "T" in sizes and "S" not in sizes else 0
    if positions > 1 and growth is not None and _per_position(growth):
        yield telling.say("passing.each", each=words.human(round(forward.flops / positions)), positions=positions, basis=basis)
    compares = attention is not None and any(dict(powers).get("T") == 2 for _, powers in attention.terms)
    if not (positions and growth and attention and compares):
        return
    shares = []
    for length in (sizes["T"], *LENGTHS):
        at = {**sizes, "T": length}
        shares.append(words.percent(float(f"{attention.at(at) / growth.at(at):.2g}")))
    yield telling.say("passing.attention", here=shares[0], short=shares[1], long=shares[2], basis=basis, evidence=_comparing(forward))


def _growing(telling: Telling, growth: Growth | None, sizes: dict[str, int]) -> str:
    """ "in proportion to B × T and 1.9 % of it in proportion to B × T²": the terms that matter; "" where they are many, or not known."""
    if growth is None or not growth.terms:
        return ""
    whole = growth.at(sizes)
    every = [(Growth((term,)).at(sizes) / whole, term[1]) for term in growth.terms]
    parts = sorted((part for part in every if abs(part[0]) >= SMALLEST_SHARE), key=lambda part: -part[0])
    if not parts or len(parts) > MOST_TERMS or parts[-1][0] < 0 or not parts[0][1]:
        return ""
    told: list[str] = []
    for share, powers in parts:
        product = " × ".join(letter + POWERS.get(power, "") for letter, power in powers)
        how = telling.text("passing.proportion", product=product) if product else telling.text("passing.not_at_all")
        told.append(telling.text("passing.grows_and", share=words.percent(float(f"{share:.2g}")), how=how) if told else how)
    return words.listing(told)


def _per_position(growth: Growth) -> bool:
    """Whether nearly all of a cost is paid for positions, and not once whatever their number."""
    rest = sum(factor for factor, powers in growth.terms if "T" not in dict(powers))
    return rest < 0.01 * sum(factor for factor, _ in growth.terms)


def _dearest(forward: Forward) -> list[Step]:
    """The steps without parts that take most."""
    inside = {step.parent for step in forward.steps}
    alone = [step for at, step in enumerate(forward.steps) if at not in inside and step.flops]
    return sorted(alone, key=lambda step: -step.flops * step.repeat)[:3]


def _comparing(forward: Forward) -> list[str]:
    return list(dict.fromkeys(step.path for step in forward.steps if step.op in ("attention", "matmul")))[:4]


def _memory(telling: Telling, forward: Forward, basis: Basis) -> Iterator[Statement]:
    if forward.peak_bytes:
        peak, every = words.size(forward.peak_bytes), words.size(forward.activation_bytes)
        yield telling.say("passing.memory", peak=peak, all=every, basis=basis, evidence=[""])
    if forward.cache_bytes:
        yield telling.say("passing.cache", bytes=words.memory(forward.cache_bytes), evidence=[""])
        token, context = forward.cache_per_token, telling.fact("max_position_embeddings")
        if token and forward.cache_growth:
            yield telling.say("passing.token", bytes=words.memory(token))
            if context and isinstance(context.value, int):
                whole = forward.cache_growth.at({**forward.sizes, "B": 1, "T": context.value})
                yield telling.say("passing.context", length=context.value, bytes=words.memory(round(whole)), facts=[context])


def _failure(telling: Telling, forward: Forward, failed: Failure) -> Iterator[Statement]:
    where = "passing.stops_in" if failed.path else "passing.stops_itself"
    path = failed.path or telling.findings.tree.root.type
    if failed.reason == "none":
        yield telling.say("passing.note", note=failed.error)
    elif failed.reason == "inputs":
        yield telling.say("passing.unfit", error=_sentence(failed.error), evidence=[failed.path])
    else:
        yield telling.say(where, path=path, module=failed.module, error=_sentence(failed.error), evidence=[failed.path])
    if failed.inputs:
        yield telling.say("passing.given", inputs=_listed(failed.inputs), evidence=[failed.path])
    if failed.expected:
        yield telling.say("passing.note", note=failed.expected, evidence=[failed.path])
    if failed.line:
        yield telling.say("passing.code" if failed.code else "passing.line", line=failed.line, code=failed.code, evidence=[failed.path])
    before = next((step for step in reversed(forward.steps) if step.outputs and step.kind == "module" and step.path != failed.path), None)
    if before is not None and failed.reason != "inputs":
        yield telling.say(
            "passing.before", done=words.count(failed.done), calls="call" if failed.done == 1 else "calls",
            path=before.path, module=before.op, outputs=_listed(before.outputs), evidence=[before.path],
        )  # fmt: skip
    if failed.reason in ("data", "fake"):
        yield telling.say(f"passing.{failed.reason}")
    for note in forward.notes:
        yield telling.say("passing.note", note=note)


def _sentence(error: str) -> str:
    """An error's text with a full stop."""
    return error if error.endswith((".", "!", "?")) else f"{error}."


def _listed(tensors: tuple[Data, ...], sizes: bool = False) -> str:
    """ "input_ids (B, T), here (1, 128)"; of the many tensors of a cache the first ones."""
    told = []
    for data in tensors:
        exact = f"({', '.join(map(str, data.shape))}{',' if len(data.shape) == 1 else ''})"
        here = f" = {exact}" if sizes and data.named and exact != data.text else ""
        name = "" if data.name.replace(".", "").isdecimal() else data.name  # only a place
        told.append(f"{name} {data.text}{here}".strip())
    return words.listing(list(dict.fromkeys(told)), 5)
