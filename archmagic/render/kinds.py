"""The colours of the kinds of layers, the same as in the view (js/src/kinds.ts): a hue each, and none for what stays grey."""

from __future__ import annotations

import math
from functools import cache

HUES = {
    "embedding": 255, "position": 225, "attention": 300, "feed-forward": 150, "normalization": 200, "convolution": 275, "pooling": 220,
    "recurrent": 345, "mixer": 320, "experts": 15, "linear": 250, "activation": 75, "head": 30, "block": 180, "model": 265,
    "adapter": 100,
}  # fmt: skip


@cache
def color(kind: str) -> str | None:
    """The kind's colour in sRGB hex, in the middle between light and dark; None for a kind that stays grey."""
    hue = HUES.get(kind)
    return None if hue is None else _srgb(0.6, 0.115, math.radians(hue))


def _srgb(lightness: float, chroma: float, hue: float) -> str:
    """An Oklch colour as #rrggbb (https://bottosson.github.io/posts/oklab/)."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long, medium, short = (
        (lightness + x * a + y * b) ** 3
        for x, y in ((0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.2914855480))
    )
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, value)))):02x}" for value in linear)


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
