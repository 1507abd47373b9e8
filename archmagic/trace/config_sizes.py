"""Looks sizes up in a model's config."""

from __future__ import annotations

from typing import Any


class ConfigSizes:
    """Looks a size up in a config and the configs inside it."""

    def __init__(self, config: Any) -> None:
        self._configs = [config]
        for at in range(8):
            if at < len(self._configs):
                inner = [
                    v for v in getattr(self._configs[at], "__dict__", {}).values() if hasattr(v, "to_dict") and hasattr(v, "model_type")
                ]
                self._configs += [config for config in inner if all(config is not other for other in self._configs)]

    def get(self, *names: str, kind: Any = int) -> Any | None:
        """The first of these that is set anywhere, the outermost config first."""
        for name in names:
            for config in self._configs:
                value = getattr(config, name, None)
                if isinstance(value, kind) and not isinstance(value, bool):
                    return value
        return None

    def near(self, path: str) -> ConfigSizes:
        """Of a part: its own config first, then all."""
        own = [c for c in self._configs if path in str(getattr(c, "model_type", "")) or path in type(c).__name__.lower()]
        found = ConfigSizes.__new__(ConfigSizes)
        found._configs = [*own, *self._configs]
        return found
