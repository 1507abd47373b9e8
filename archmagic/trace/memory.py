"""Bytes of what a pass makes newly, and how much of it is alive at once. Weights and inputs were there before and are not counted."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any


class Memory:
    """Follows the memory of a pass. `there`: tensors whose memory was there before."""

    def __init__(self, there: Iterable[Any] = ()) -> None:
        self.peak = 0
        self._alive = 0
        self._storages: dict[int, list[int]] = {}
        self._there = {found[0]: tensor for tensor in there if (found := _storage(tensor))}  # kept, so that no other takes its place

    def add(self, tensor: Any) -> int:
        """Notes a tensor; gives its bytes where its memory is new, 0 for a view."""
        found = _storage(tensor)
        if found is None or found[0] in self._there:
            return 0
        key, size = found
        entry = self._storages.get(key)
        new = entry is None
        if entry is None:
            entry = self._storages[key] = [0, size]
            self._alive += size
            self.peak = max(self.peak, self._alive)
        entry[0] += 1
        weakref.finalize(tensor, self._gone, key, entry).atexit = False
        return size if new else 0

    def _gone(self, key: int, entry: list[int]) -> None:
        entry[0] -= 1
        if entry[0] == 0:
            self._alive -= entry[1]
            self._storages.pop(key, None)


def _storage(tensor: Any) -> tuple[int, int] | None:
    try:
        storage = tensor.untyped_storage()
        return int(storage._cdata), int(storage.nbytes())
    except Exception:  # sparse and other layouts without one storage
        return None
