"""The grammar of a printed module: one function for each rule, over an explicit stack of the modules that are open.

    module    = type, "(", body, ")";
    body      = [ arguments ], { child | unread line };
    child     = "(", name, "): ", ( [ count, " x " ], module | "None" | unknown )
              | "(", name, ") - ", module, ": ", text;
    arguments = text in which brackets and quotes come in pairs, on one line or many, { [ name, "=" ], module };

Brackets say what belongs to what, so lost indentation does no harm; where indentation is there, it mends lost brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import PrintedModelError
from ..tree import Instance, join
from .drafts import ELLIPSES, Draft, Drafts
from .open_modules import OpenModules
from .roots import Start, opens_children
from .tokens import after_spaces, arguments_end, held_in

DEEPEST = 6_000
"""Modules inside one another. Python itself prints no deeper than its recursion limit, a thousand if nobody raised it."""

MOST_REPEATED = 200_000
"""Modules that the runs (`(0-11): 12 x Block`) of one paste may stand for, written out."""

RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass(slots=True)
class Model:
    """A model as read. `end` is the last row of it; `notes` are (words, path, words) to tell the reader."""

    start: Start
    instance: Instance
    text: str
    end: int
    notes: list[tuple[str, str, str]] = field(default_factory=list)


class ModelReader(OpenModules):
    """Reads the models of one paste, one at a time."""

    def __init__(self, lines: list[str], numbers: list[int], drafts: Drafts) -> None:
        super().__init__(lines, numbers, drafts)
        self.repeated = 0

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
        elif cursor.fresh and (step := cursor.match("step")):
            self._step(frame, step)
        elif cursor.fresh and frame.unknown and cursor.indent >= frame.inner:
            self._unknown_goes_on(frame)
        else:
            self._arguments(frame)

    def _open(self, opening: re.Match[str], names: list[str], segment: str) -> None:
        """The start of a module; what follows the bracket on its line are arguments or, where all lines became one, children."""
        cursor = self.cursor
        draft = Draft(opening["type"], names, segment, cursor.indent, opened=(cursor.row, opening.start("type")))
        draft.spaced = bool(opening["space"])
        draft.inline = after_spaces(cursor.line, opening.end()) < len(cursor.line)
        cursor.at = opening.end()
        self.last = (cursor.row, cursor.at)
        if len(self.open) == DEEPEST:
            raise self._error(f"modules stand inside one another more than {DEEPEST:,} deep", "a closing bracket before this module")
        self.open.append(draft)

    def _child(self, frame: Draft, match: re.Match[str]) -> None:
        """child = "(", name, "): ", ( [ count, " x " ], module | "None" );"""
        cursor = self.cursor
        self._before_child(frame)
        names, segment = self._names(match)
        cursor.at = match.end()
        if match["none"]:
            frame.take(names, self.drafts.none())
        elif (simple := cursor.match("simple")) and not match["space"] and "): " not in simple["args"]:
            cursor.at = simple.end()
            if simple["args"].strip() in ELLIPSES:
                self._left_out(join(self._path(), segment))
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
            problem = f"with this run the print stands for over {MOST_REPEATED:,} modules, the most that are read"
            raise self._error(problem, "runs of fewer modules, such as (0-11): 12 x GPT2Block(...)")
        if count != last - first + 1:
            place = join(self._path(), f"[{name}]")
            self._note(f"The print says {count} x of", place, f", which are {last - first + 1}; that is what is read.")
        return [str(number) for number in range(first, last + 1)], f"[{name}]"

    def _unknown(self, frame: Draft, head: re.Match[str]) -> None:
        """unknown = what a class that prints itself in a way of its own gives, on one line or many;"""
        cursor = self.cursor
        self._before_child(frame)
        frame.unknown = (head["name"], [cursor.line[head.end() :]], cursor.line)
        cursor.at = len(cursor.line)
        self.last = (cursor.row, cursor.at)

    def _unknown_goes_on(self, frame: Draft) -> None:
        cursor = self.cursor
        assert frame.unknown is not None
        frame.unknown[1].extend([""] * cursor.blanks + [cursor.line[frame.inner :]])
        cursor.at = len(cursor.line)
        self.last = (cursor.row, cursor.at)

    def _step(self, frame: Draft, match: re.Match[str]) -> None:
        """child = "(", name, ") - ", module, ": ", text; a torch_geometric Sequential says so how data passes from child to child."""
        cursor = self.cursor
        end, _ = arguments_end(cursor.line, match.end(), 0, loose=True)
        self._before_child(frame)
        frame.take([match["name"]], self.drafts.leaf(match["type"], cursor.line[match.end() : end]))
        frame.steps += 1
        cursor.at = len(cursor.line)
        self.last = (cursor.row, cursor.at)

    def _error(self, problem: str, expected: str) -> PrintedModelError:
        cursor = self.cursor
        return PrintedModelError(problem, line=self.numbers[cursor.row], column=cursor.at + 1, source=cursor.line, expected=expected)

    def _arguments(self, frame: Draft) -> None:
        """arguments = text in which brackets and quotes come in pairs, on one line or many;

        What stands after the first child, or is not indented as arguments are, is an unread line.
        """
        cursor = self.cursor
        end, depth = arguments_end(cursor.line, cursor.at, frame.depth, loose=frame.inline or not frame.indented)
        text = cursor.line[cursor.at : end]
        outside = cursor.fresh and not frame.depth and self._trusted() and cursor.indent <= frame.indent
        if outside and frame.inline and not frame.listed and end < len(cursor.line) and not cursor.blanks:
            cursor.seen, cursor.fresh, outside = cursor.at, False, False  # the rest of a line that a terminal has broken
        held = None if frame.listed or outside else held_in(cursor.line, cursor.at)
        if held and opens_children(cursor.lines, cursor.row, cursor.prefix):
            self._held(frame, held)
            return
        if frame.listed or outside or text.rstrip() in ELLIPSES:
            frame.unread.append(cursor.line[0 if cursor.fresh else cursor.at : end])
            self.noise.append((frame, cursor.row))
            if text.rstrip() in ELLIPSES:
                self._left_out(self._path())
                self.last = (cursor.row, end)
        else:
            self._blank_lines(frame)
            if cursor.fresh:
                frame.args.append(cursor.line[min(cursor.indent, frame.indent + 2) : end])
            else:
                frame.args[-1:] = ["".join(frame.args[-1:]) + cursor.line[cursor.seen : end]]
            frame.depth = depth
            self.last = frame.ended = (cursor.row, end)
        cursor.at = end

    def _held(self, frame: Draft, match: re.Match[str]) -> None:
        """A module as an argument: `nn=Sequential(` and its children on the lines after."""
        cursor = self.cursor
        if cursor.fresh:
            frame.args.append("")
        text = cursor.line[cursor.seen if not cursor.fresh else cursor.at : match.start()]
        frame.args[-1:] = ["".join(frame.args[-1:]) + text]
        _, frame.depth = arguments_end(cursor.line[: match.start()], cursor.at, frame.depth, loose=False)
        cursor.at = match.start()
        self._open(match, [match["name"] or match["type"]], match["name"] or match["type"])
        self.open[-1].holds = "child" if match["name"] and not frame.depth else "text"

    def _close(self, frame: Draft) -> None:
        """The bracket that ends a module."""
        self._before_child(frame)
        self.cursor.at += 1
        self.last = (self.cursor.row, self.cursor.at)
        self._finish()
