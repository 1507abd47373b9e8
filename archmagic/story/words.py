"""Numbers and lists as people write them."""

from __future__ import annotations

from collections.abc import Sequence

SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(number: int) -> str:
    """12 as "twelve", 32 as "32"."""
    return SMALL[number] if 0 <= number < len(SMALL) else f"{number:,}"


ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(number: int) -> str:
    """6 as "sixth", 16 as "16th"."""
    return ORDINALS[number] if 0 < number < len(ORDINALS) else f"{number}th"


def times(number: int) -> str:
    """2 as "twice", 12 as "twelve times"."""
    return {1: "once", 2: "twice"}.get(number) or f"{count(number)} times"


def several(number: int, noun: str) -> str:
    """ "1 block", "12 blocks"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def human(number: int) -> str:
    """124439808 as "124.4 million"; under a million to the last digit."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.4g} {name}"
    return f"{number:,}"


def short(number: int) -> str:
    """124439808 as "124.4M", for a row."""
    for size, name in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if number >= size:
            return f"{number / size:.4g}{name}"
    return str(number)


def size(number: int) -> str:
    """Bytes as "497.8 MB" (powers of 1,000)."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"


def memory(number: int) -> str:
    """Bytes as "36 KiB" (powers of 1,024)."""
    for unit, name in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"


def percent(part: float) -> str:
    """0.1 as "10 %"."""
    return f"{100 * part:.4g} %"


def whole_percent(part: int, whole: int) -> str:
    """2 of 3 as "67 %"; less than one as "under 1 %"."""
    return f"{100 * part / whole:.0f} %" if 100 * part >= whole else "under 1 %"


def ratio(part: int, whole: int) -> str:
    """22016 / 4096 as "5.4", 3072 / 768 as "4"."""
    return f"{part / whole:.3g}"


def numbers(values: Sequence[int]) -> str:
    """Rising numbers in short: "0–3 and 6", "3, 7, 11, … 47", "0–2, 4–6, … 44–46"."""
    steps = {after - before for before, after in zip(values, values[1:], strict=False)}
    if len(values) > 4 and len(steps) == 1 and steps != {1}:
        return f"{', '.join(map(str, values[:3]))}, … {values[-1]}"
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return listing(texts) if len(texts) < 7 else f"{', '.join(texts[:3])}, … {texts[-1]}"


def listing(items: Sequence[str], most: int = 6, last: str = "and") -> str:
    """ "a, b and c"; of many the first ones and how many more."""
    if len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def shares(parts: Sequence[int]) -> list[str]:
    """Percentages to one place that add up to 100.0, of equal parts where possible the same; a share that rounds to nothing is
    "under 0.1 %"."""
    total = sum(parts)
    if not total:
        return ["0 %"] * len(parts)
    exact = [1000 * part / total for part in parts]
    floor = [int(x) for x in exact]
    order = sorted(range(len(parts)), key=lambda i: exact[i] - floor[i], reverse=True)
    equal = [[i for i in order if parts[i] == part] for part in dict.fromkeys(parts[i] for i in order)]
    left = 1000 - sum(floor)
    for group in [*(g for g in equal), *([i] for i in order)]:  # equal parts together; what is then left to the nearest
        if len(group) <= left and all(floor[i] <= exact[i] for i in group):
            left -= len(group)
            for i in group:
                floor[i] += 1
    return [f"{f / 10:g} %" if f else ("under 0.1 %" if p else "0 %") for f, p in zip(floor, parts, strict=True)]


def uncapital(text: str) -> str:
    """ "Adds" as "adds", "A layer" as "a layer"; "GELU" stays."""
    first = text.partition(" ")[0]
    return text[:1].lower() + text[1:] if first == "A" or first[1:].islower() else text


def article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeio" else "a"


def opening(text: str) -> str:
    """ "the encoder has" as "The encoder has"; a path stays as it is written."""
    return capital(text) if text.startswith(("the ", "a ")) else text


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
