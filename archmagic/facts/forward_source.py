"""Where a module normalises, by the text of its forward: read from the source file, parsed, never run.

A straight line of statements is followed with four kinds of value: the residual stream, the stream normalised, the result of a sub-layer,
and a sum of both. Whatever is not understood (a loop, an unknown call on the stream) ends the reading without an answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from .class_text import methods, modified_at

Kind = Literal["stream", "normed", "result", "normed result", "other"]

HARMLESS = re.compile(r"(drop|stochastic|ls_?\d|layer_?scale|gamma|identity|resid|scale).*", re.IGNORECASE)
"""Children that leave the kind of a value as it is."""

SAME = {
    "dropout",
    "modulate",
    "clamp",
    "to",
    "type",
    "type_as",
    "float",
    "half",
    "contiguous",
    "view",
    "reshape",
    "transpose",
    "permute",
    "flatten",
}
"""Functions and methods that do."""


@dataclass(frozen=True, slots=True)
class Value:
    """`version` counts the sums that made a stream; of a result, of the stream that its sub-layer read."""

    kind: Kind
    version: int = 0
    parts: tuple[str, ...] = ()
    normed_in: bool = False


OTHER = Value("other")


@dataclass(slots=True)
class Style:
    """What was seen of each sub-layer: (its input normalised, its result normalised before the sum, the sum normalised)."""

    seen: dict[str, tuple[bool, bool, bool]] = field(default_factory=dict)
    together: set[str] = field(default_factory=set)
    """Sub-layers whose results were added to one and the same stream."""
    unusual: bool = False
    """Whether a result was added to the normalised stream, which goes on in place of what was normalised."""


class _Unclear(Exception):
    """The text is not understood."""


def forward_style(source: tuple[str, int], norms: Collection[str], parts: Collection[str], flags: Mapping[str, object]) -> Style | None:
    """How forward treats the children `parts` and `norms`; `flags` are the module's plain attributes, which decide an `if self.flag`.

    Returns None where there is no forward in the class's own text, or it is not understood."""
    decided = frozenset((name, value) for name, value in flags.items() if isinstance(value, bool))
    return _style(*source, modified_at(source[0]), frozenset(norms), frozenset(parts), decided)


@lru_cache(maxsize=512)
def _style(
    file: str, line: int, modified: int, norms: frozenset[str], parts: frozenset[str], flags: frozenset[tuple[str, bool]]
) -> Style | None:
    written = methods(file, line, modified)
    forward = written.get("forward")
    if forward is None:
        return None
    reader = _Reader(norms, parts, dict(flags))
    reader.through = {name: part for name, method in written.items() if (part := _only(method, parts, norms))}
    try:
        return reader.read(forward)
    except _Unclear:
        return None


def _only(method: ast.FunctionDef, parts: frozenset[str], norms: frozenset[str]) -> str | None:
    """The one sub-layer that a method uses, which cuts its windows or reshapes around it; None where it uses several, or norms."""
    used = {n.attr for n in ast.walk(method) if isinstance(n, ast.Attribute)} & (parts | norms)
    return used.pop() if len(used) == 1 and used <= parts and method.name != "forward" and method.name not in parts else None


class _Reader:
    def __init__(self, norms: frozenset[str], parts: frozenset[str], flags: Mapping[str, object]) -> None:
        self.norms, self.parts, self.flags = norms, parts, flags
        self.known: dict[str, Value] = {}
        self.given: frozenset[str] = frozenset()
        self.through: dict[str, str] = {}
        """Methods that do nothing else that counts than to call one sub-layer."""
        self.sums: dict[int, tuple[Value, ...]] = {}
        """The results that each version of the stream added to the one before."""
        self.normed: set[int] = set()
        """Versions that were normalised where they became the stream."""
        self.unusual = False
        self.done = False
        self.me = "self"
        """What forward calls the module."""

    def read(self, forward: ast.FunctionDef) -> Style:
        self.me, *names = [a.arg for a in forward.args.args] or [""]
        if not names:
            raise _Unclear
        self.known, self.given = {names[0]: Value("stream")}, frozenset(names[1:])
        self.block(forward.body)
        return self._style()

    def _style(self) -> Style:
        style = Style(unusual=self.unusual)
        for version, results in self.sums.items():
            summed = {part for value in results for part in value.parts}
            style.together |= summed if len(summed) > 1 else set()
            for value in results:
                for part in value.parts:
                    style.seen[part] = (value.normed_in, value.kind == "normed result", version in self.normed)
        return style

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if self.done:
                return
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self.assign(target, self.value(value))
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self.assign(target, self.value(value))
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                self.assign(ast.Name(id=name), self.add(self.known.get(name, OTHER), self.value(value)))
            case ast.If(test=test, body=body, orelse=orelse):
                self.branch(test, body, orelse)
            case ast.Return(value=value):
                given = self.value(value) if value is not None else OTHER
                if given.kind == "normed":
                    self.normed.add(given.version)
                self.done = True
            case ast.Expr(value=value):
                self.value(value)
            case ast.With(body=body):
                self.block(body)
            case ast.Pass() | ast.Assert() | ast.Raise() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                if any(isinstance(n, ast.Attribute) and n.attr in self.parts | self.norms for n in ast.walk(node)):
                    raise _Unclear

    def assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.known[name] = value
            case ast.Tuple(elts=[first, *rest]):
                self.assign(first, value)
                for other in rest:
                    self.assign(other, OTHER)
            case _:
                pass

    def branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        """An `if`: decided by a flag of the module; else the side that uses a child, if only one does; else both must come to the same."""
        truth = self.truth(test)
        if truth is not None:
            self.block(body if truth else orelse)
            return
        uses = [
            any(isinstance(n, ast.Attribute) and n.attr in self.parts | self.norms for s in side for n in ast.walk(s))
            for side in (body, orelse)
        ]
        if uses == [True, True] or any(self.only_norms(side) for side in (body, orelse)):
            raise _Unclear  # which of the two is run decides where the norm stands
        if uses[0] or uses[1]:
            self.block(body if uses[0] else orelse)
            return
        before, ended = dict(self.known), self.done
        self.block(body)
        after = self.known
        self.known, self.done = dict(before), ended
        self.block(orelse)
        if any(after.get(name, OTHER).kind != value.kind for name, value in self.known.items() if value.kind != "other"):
            raise _Unclear
        self.done = False

    def only_norms(self, side: list[ast.stmt]) -> bool:
        """Whether a side of an `if` normalises and does nothing else that counts."""
        named = {n.attr for s in side for n in ast.walk(s) if isinstance(n, ast.Attribute)}
        return bool(named & self.norms) and not named & self.parts

    def truth(self, test: ast.expr) -> bool | None:
        match test:
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id=me), attr=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]
            ) if me == self.me:
                return True if name in self.norms | self.parts else None
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                value = self.truth(inner)
                return None if value is None else not value
            case ast.Attribute(value=ast.Name(id=me), attr=name) if me == self.me:
                found = self.flags.get(name)
                return found if isinstance(found, bool) else None
            case ast.BoolOp(op=ast.And(), values=values):
                found_all = [self.truth(v) for v in values]
                return False if False in found_all else True if all(found_all) else None
        return None

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Name(id=name):
                return self.known.get(name, OTHER)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.add(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                sides = [v for v in (self.value(left), self.value(right)) if v.kind != "other"]
                return sides[0] if sides else OTHER
            case ast.Subscript(slice=ast.Slice() | ast.Constant(value=1 | 2 | 3 | 4 | -1)):
                return OTHER
            case ast.Subscript(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.value(inner)
            case ast.Tuple(elts=[first, *_]):
                return self.value(first)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                truth = self.truth(test)
                if truth is not None:
                    return self.value(body if truth else orelse)
                one, other = self.value(body), self.value(orelse)
                if one.kind != other.kind:
                    raise _Unclear
                return one
            case ast.Call():
                return self.call(node)
        return OTHER

    def call(self, node: ast.Call) -> Value:
        given = [self.value(a) for a in node.args] + [self.value(k.value) for k in node.keywords]
        first = next((v for v in given if v.kind != "other"), OTHER)
        match node.func:
            case (
                ast.Attribute(value=ast.Name(id=me), attr=name)
                | ast.Attribute(value=ast.Attribute(value=ast.Name(id=me), attr=name), attr="forward")
            ) if me == self.me:
                return self.child(name, first)
            case ast.Attribute(value=receiver, attr=method):
                inner = self.value(receiver)
                if inner.kind == "other":
                    return first if method in SAME else self.lost(first)
                return inner if method in SAME else self.lost(inner)
            case ast.Name(id=name) if name in SAME:
                return first
            case ast.Name(id=name) if name in self.given and first.kind in ("stream", "normed"):
                return Value("result", first.version, (name,), first.kind == "normed")  # a sub-layer that forward is given
        return self.lost(first)

    def child(self, name: str, given: Value) -> Value:
        name = self.through.get(name, name)
        if name in self.norms:
            if given.kind == "stream":
                return Value("normed", given.version)
            return replace(given, kind="normed result") if given.kind == "result" else self.lost(given)
        if name in self.parts and given.kind in ("stream", "normed"):
            return Value("result", given.version, (name,), given.kind == "normed")
        if given.kind in ("result", "normed result") and name not in self.parts:
            return given  # dropout, a scale, the second product of a feed-forward
        return given if HARMLESS.fullmatch(name) else self.lost(given)

    def lost(self, value: Value) -> Value:
        if value.kind != "other":
            raise _Unclear
        return OTHER

    def add(self, left: Value, right: Value) -> Value:
        if left.kind == "other" or right.kind == "other":
            return left if right.kind == "other" else right
        stream = next((v for v in (left, right) if v.kind in ("stream", "normed")), None)
        result = next((v for v in (left, right) if v.kind in ("result", "normed result")), None)
        if stream is None and left.kind == right.kind == "result":
            return Value("result", left.version, left.parts + right.parts, left.normed_in and right.normed_in)
        if stream is None or result is None:
            raise _Unclear
        if stream.kind == "normed":  # what the sub-layer read is itself the stream: the sum before it was normalised
            if stream.version != result.version:
                raise _Unclear
            self.unusual = self.unusual or stream.version == 0
            self.normed.add(stream.version)
            result = replace(result, normed_in=False)
        version = max(self.sums, default=0) + 1
        earlier = self.sums.get(stream.version, ()) if result.version != stream.version else ()
        self.sums[version] = (*earlier, result)
        return Value("stream", version)
