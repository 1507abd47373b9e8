"""The modules of a print that are open while it is read, and what their lines tell beside the brackets.

Here is what mends a damaged paste: modules that never close, arguments that stop, prose that follows a print cut short.
"""

from __future__ import annotations

import re

from ..tree import Instance, join
from .drafts import ELLIPSES, Draft, Drafts
from .roots import opens_children
from .tokens import Cursor

CUT_NAME = re.compile(r"(?:[0-9]+ x )?[\w.]+|[0-9]+ x?")


class OpenModules:
    """A stack of modules, the outermost first.

    Attributes:
        open: those whose closing bracket has not come yet.
        root: the outermost one once it has ended.
        notes: (words, path, words) to tell the reader.
        noise: which module each unread line was left with, and its row.
        last: row and column where what was read last ends.
    """

    def __init__(self, lines: list[str], numbers: list[int], drafts: Drafts) -> None:
        self.cursor = Cursor(lines)
        self.numbers = numbers
        self.drafts = drafts
        self.open: list[Draft] = []
        self.root: Instance | None = None
        self.notes: list[tuple[str, str, str]] = []
        self.noise: list[tuple[Draft, int]] = []
        self.last = (0, 0)

    def _finish(self) -> None:
        draft = self.open.pop()
        if draft.unknown:
            self._take_unknown(draft)
        if draft.held and (draft.listed or not draft.inline or not draft.sure):
            self._as_text(draft)
        odd = draft.spaced or (draft.inline and len(draft.args) > 1) or draft.steps or draft.held
        odd = odd and len(draft.children) == draft.steps + draft.held
        whole = odd and not draft.unread and "truncated" not in draft.notes
        instance = self.drafts.finish(draft, self._text(draft.opened, self.last, draft.indent) if whole else None)
        if not self.open:
            self.root = instance
            return
        above = self.open[-1]
        above.take(draft.names, instance)
        if draft.holds:
            above.held += 1
            above.sure = above.sure and draft.holds == "child"
            above.ended = self.last

    def _as_text(self, draft: Draft) -> None:
        """Modules among the arguments that are no children: what a module registers is listed below its arguments, and only there."""
        row, column = draft.opened
        del draft.children[: draft.held]
        del draft.runs[: draft.held]
        draft.held = 0
        text = self._text((row, column + len(draft.type) + draft.spaced + 1), draft.ended, draft.indent + 2 * (not draft.inline))
        draft.args = text.removeprefix("\n").split("\n")

    def _text(self, start: tuple[int, int], end: tuple[int, int], indent: int = 0) -> str:
        """The lines from one place to another without the prefix, and as far as can be without the indentation."""
        cursor = self.cursor
        rows = [cursor.bare(row) for row in range(start[0], end[0] + 1)]
        if start[0] == cursor.first[0]:
            rows[0] = cursor.lines[start[0]][cursor.first[1] :]
        rows[-1] = rows[-1][: end[1]]
        rows[0] = rows[0][start[1] :]
        return "\n".join([rows[0], *(row[min(indent, len(row) - len(row.lstrip(" "))) :] for row in rows[1:])])

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
            if frame.inline:  # its arguments may be cut too, as a terminal cuts long lines
                frame.notes.append("truncated")
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
        self._note("The print ends inside", self._path(), "; what would come after is not known.")
        kept = self._kept_noise()
        for draft, _ in self.noise[kept:]:
            draft.unread.pop()
        del self.noise[kept:]
        self.last = max([self.last, *((row, len(self.cursor.bare(row))) for _, row in self.noise)])
        frame = self.open[-1]
        if frame.unknown and CUT_NAME.fullmatch(" ".join(frame.unknown[1]).strip()):
            frame.unread.append(frame.unknown[2])  # the name of a class is cut, not printed
            frame.unknown = None
        while self.open:
            if "truncated" not in self.open[-1].notes:
                self.open[-1].notes.append("truncated")
            self._finish()

    def _kept_noise(self) -> int:
        """How many of the unread lines are the print's: those after its last line up to a blank one, or one that is not indented."""
        row = self.last[0]
        for at, (_, noisy) in enumerate(self.noise):
            if noisy <= self.last[0]:
                continue
            if noisy != row + 1 or (self.open[0].indented and self.cursor.bare(noisy)[:1] != " "):
                return at
            row = noisy
        return len(self.noise)

    def _before_child(self, frame: Draft) -> None:
        self._blank_lines(frame)
        if frame.unknown:
            self._take_unknown(frame)

    def _take_unknown(self, frame: Draft) -> None:
        assert frame.unknown is not None
        name, lines, _ = frame.unknown
        frame.unknown = None
        frame.take([name], self.drafts.unknown("\n".join(lines)))

    def _left_out(self, path: str) -> None:
        """Somebody wrote `...` for what a module holds, so nothing around it is whole."""
        self._note("The print leaves out a part of", path, ".")
        for draft in self.open:
            if "truncated" not in draft.notes:
                draft.notes.append("truncated")

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
        rows = sorted({self.numbers[row] for _, row in self.noise if self.cursor.bare(row).strip() not in ELLIPSES})
        if rows:
            some = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
            which = f"Line {some} is no line" if len(rows) == 1 else f"Lines {some} are no lines"
            self.notes.append((f"{which} of a print as far as is known; kept as given.", "", ""))
