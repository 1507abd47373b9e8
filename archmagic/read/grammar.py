"""The grammar of a printed module: one function for each rule, over an explicit stack of the modules that are open.

    module    = type, "(", body, ")";
    body      = [ arguments ], { child | unread line };
    child     = "(", name, "): ", ( [ count, " x " ], module | "None" | unknown );
    arguments = text in which brackets and quotes come in pairs, on one line or many;

Brackets say what belongs to what, so lost indentation does no harm; where indentation is there, it mends lost brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archmagic.errors import PrintedModelError
from archmagic.tree import Instance, join

from .drafts import Draft, Drafts
from .roots import Start, opens_children
from .tokens import RULES, Cursor, arguments_end

MOST_REPEATED = 500_000
"""Modules that the runs (`(0-11): 12 x Block`) of one paste may stand for, written out."""

RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@dataclass(slots=True)
class Model:
    """A model as read. `end` is the last row of it; `notes` are (words, path, words) to tell the reader."""

    start: Start
    instance: Instance
    text: str
    end: int
    notes: list[tuple[str, str, str]] = field(default_factory=list)


class ModelReader:
    """Reads the models of one paste, one at a time."""

    def __init__(self, lines: list[str], numbers: list[int], drafts: Drafts) -> None:
        self.cursor = Cursor(lines)
        self.numbers = numbers
        self.drafts = drafts
        self.repeated = 0
        self.open: list[Draft] = []
        self.notes: list[tuple[str, str, str]] = []
        self.noise: list[tuple[Draft, int]] = []
        self.last = (0, 0)
        self.root: Instance | None = None

    def model(self, start: Start) -> Model:
        """module = type, "(", body, ")";"""
        cursor = self.cursor
        cursor.begin(start.row, start.column, start.prefix)
        self.root, self.notes, self.noise = None, [], []
        opening = cursor.match("module")
        assert opening is not None
        self._open(opening, [], "")
        while self.root is None:
            if not cursor.to_content() or (cursor.fresh and self._ends_here()):
                self._cut()
            else:
                self._body()
        assert self.root is not None
        self._tell_unread()
        return Model(start, self.root, self._text((start.row, 0), self.last), self.last[0], self.notes)

    def _body(self) -> None:
        """body = [ arguments ], { child | unread line };"""
        cursor, frame = self.cursor, self.open[-1]
        closing = cursor.line[cursor.at] == ")"
        child = cursor.match("child")
        if cursor.fresh:
            self._mend(closing, child is not None)
            if not self.open:
                return
            frame = self.open[-1]
            if frame.inner < 0:
                frame.inner = cursor.indent
        if frame.depth and not (cursor.fresh and self._breaks_off(frame, closing, child is not None)):
            self._arguments(frame)
        elif closing and not (cursor.fresh and frame.indented and cursor.indent >= frame.inner):
            self._close(frame)
        elif child:
            self._child(frame, child)
        elif cursor.fresh and frame.indented and not cursor.match("tensor") and (head := cursor.match("head")):
            self._unknown(frame, head)
        else:
            self._arguments(frame)

    def _open(self, opening: re.Match[str], names: list[str], segment: str) -> None:
        """The start of a module; what follows the bracket on its line are arguments or, where all lines became one, children."""
        cursor = self.cursor
        draft = Draft(opening["type"], names, segment, cursor.indent, opened=(cursor.row, opening.start("type")))
        draft.spaced = bool(opening["space"])
        draft.inline = bool(cursor.line[opening.end() :].strip())
        cursor.at = opening.end()
        self.last = (cursor.row, cursor.at)
        self.open.append(draft)

    def _child(self, frame: Draft, match: re.Match[str]) -> None:
        """child = "(", name, "): ", ( [ count, " x " ], module | "None" );"""
        cursor = self.cursor
        self._blank_lines(frame)
        names, segment = self._names(match)
        cursor.at = match.end()
        if match["none"]:
            frame.take(names, self.drafts.none())
        elif (simple := cursor.match("simple")) and not match["space"] and "): " not in simple["args"]:
            cursor.at = simple.end()
            frame.take(names, self.drafts.leaf(match["type"], simple["args"]))
        else:
            self._open(match, names, segment)
        self.last = (cursor.row, cursor.at)

    def _names(self, match: re.Match[str]) -> tuple[list[str], str]:
        """The attribute names of a child, and its part of a path: all of 0 to 11 and `[0-11]` for `(0-11): 12 x `."""
        name = match["name"]
        limits = RANGE.fullmatch(name) if match["run"] else None
        if limits is None:
            return [name], name
        first, last, count = int(limits[1]), int(limits[2]), int(match["count"])
        if last < first:
            return [name], name
        self.repeated += last - first + 1
        if self.repeated > MOST_REPEATED:
            raise PrintedModelError(
                f"this run stands for {last - first + 1:,} modules; at most {MOST_REPEATED:,} are read", line=self.numbers[self.cursor.row],
                column=self.cursor.at + 1, source=self.cursor.line, expected="a run such as (0-11): 12 x GPT2Block(",
            )  # fmt: skip
        if count != last - first + 1:
            self._note(f"The print says {count} x for", f"[{name}]", f"which are {last - first + 1}; it is read as {last - first + 1}.")
        return [str(number) for number in range(first, last + 1)], f"[{name}]"

    def _unknown(self, frame: Draft, head: re.Match[str]) -> None:
        """unknown = what a class that prints itself in a way of its own gives: all to the end of the line;"""
        cursor = self.cursor
        self._blank_lines(frame)
        frame.take([head["name"]], self.drafts.unknown(cursor.line[head.end() :]))
        cursor.at = len(cursor.line)
        self.last = (cursor.row, cursor.at)

    def _arguments(self, frame: Draft) -> None:
        """arguments = text in which brackets and quotes come in pairs, on one line or many;

        What stands after the first child, or is not indented as arguments are, is an unread line.
        """
        cursor = self.cursor
        end, depth = arguments_end(cursor.line, cursor.at, frame.depth, loose=frame.inline or not frame.indented)
        outside = cursor.fresh and not frame.depth and self._trusted() and cursor.indent <= frame.indent
        if frame.children or outside:
            frame.unread.append(cursor.line[0 if cursor.fresh else cursor.at : end])
            self.noise.append((frame, cursor.row))
        else:
            self._blank_lines(frame)
            if cursor.fresh:
                frame.args.append(cursor.line[min(cursor.indent, frame.indent + 2) : end])
            else:
                frame.args[-1:] = ["".join(frame.args[-1:]) + cursor.line[cursor.seen : end]]
            frame.depth = depth
            self.last = (cursor.row, end)
        cursor.at = end

    def _close(self, frame: Draft) -> None:
        """The bracket that ends a module."""
        self._blank_lines(frame)
        self.cursor.at += 1
        self.last = (self.cursor.row, self.cursor.at)
        self._finish()

    def _finish(self) -> None:
        draft = self.open.pop()
        odd = (draft.spaced or (draft.inline and len(draft.args) > 1)) and not draft.children and not draft.unread
        whole = odd and "truncated" not in draft.notes
        instance = self.drafts.finish(draft, self._text(draft.opened, self.last, draft.indent) if whole else None)
        if self.open:
            self.open[-1].take(draft.names, instance)
        else:
            self.root = instance

    def _text(self, start: tuple[int, int], end: tuple[int, int], indent: int = 0) -> str:
        """The lines from one place to another without the prefix, and as far as can be without the indentation."""
        cursor = self.cursor
        rows = [cursor.bare(row) for row in range(start[0], end[0] + 1)]
        if start[0] == cursor.first[0]:
            rows[0] = cursor.lines[start[0]][cursor.first[1] :]
        rows[-1] = rows[-1][: end[1]]
        rows[0] = rows[0][start[1] :]
        return "\n".join([rows[0], *(row[min(indent, len(row) - len(row.lstrip(" "))) :] for row in rows[1:])])

    # What people's pastes have lost.

    def _trusted(self) -> bool:
        """Whether the lines around the innermost module are indented, so that indentation tells what belongs to it."""
        return self.open[-2].indented if len(self.open) > 1 else self.open[-1].indented

    def _mend(self, closing: bool, child: bool) -> None:
        """Ends the modules whose closing bracket is missing: a line stands further left than it could inside them."""
        while closing or child:
            frame = self.open[-1]
            inside = self.cursor.indent >= frame.indent + (not closing)
            if inside or not self._trusted() or len(self.open) == 1:
                return
            self._note("A closing bracket is missing at", self._path(), "; its indentation tells where it ends.")
            self._finish()

    def _breaks_off(self, frame: Draft, closing: bool, child: bool) -> bool:
        """Whether a line is no longer in the arguments although a bracket in them is still open."""
        return frame.indented and ((closing and self.cursor.indent <= frame.indent) or (child and self.cursor.indent <= frame.indent + 2))

    def _ends_here(self) -> bool:
        """Whether the model ends before this line without closing: a fence, another model, what belongs further out."""
        cursor = self.cursor
        if cursor.match("fence"):
            return True
        if cursor.indent > 0 or not self.open[0].indented:
            return False
        if cursor.match("child"):
            return True
        return bool(cursor.line.endswith("(") and cursor.match("module") and opens_children(cursor.lines, cursor.row, cursor.prefix))

    def _cut(self) -> None:
        """The print ends inside modules: they are told as truncated, and prose after it is not theirs."""
        path = self._path()
        self._note("The print ends inside", path, "; what would come after is not known.")
        while self.noise and self.noise[-1][1] > self.last[0]:
            self.noise.pop()[0].unread.pop()
        while self.open:
            self.open[-1].notes.append("truncated")
            self._finish()

    def _blank_lines(self, frame: Draft) -> None:
        """Blank lines within arguments belong to them."""
        if frame.args and not frame.children and self.cursor.fresh and not frame.inline:
            frame.args += [""] * self.cursor.blanks

    def _path(self) -> str:
        path = ""
        for draft in self.open[1:]:
            path = join(path, draft.segment)
        return path

    def _note(self, before: str, path: str, after: str) -> None:
        self.notes.append((before, path, after))

    def _tell_unread(self) -> None:
        if self.noise:
            rows = sorted({self.numbers[row] for _, row in self.noise})
            some = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
            which = f"Line {some} is no line" if len(rows) == 1 else f"Lines {some} are no lines"
            self.notes.append((f"{which} of a print as far as is known; kept as given.", "", ""))
