"""Numbers as people read them."""

from collections.abc import Mapping

from loresmith.records import Estimate


def percent(share: float) -> str:
    """A share as `63.2%`."""
    return f"{100 * share:.1f}%"


def interval(estimate: Estimate) -> str:
    """The 95% interval of a share, in percent: `[55.1, 70.4]`."""
    return f"[{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def points(share: float) -> str:
    """A difference of shares in percentage points with its sign: `+6.3`."""
    shown = f"{100 * share:+.1f}"
    return "+0.0" if shown == "-0.0" else shown.replace("-", "−")


def points_interval(estimate: Estimate) -> str:
    """The interval of a difference: `[+2.0, +10.1]`."""
    return f"[{points(estimate.low)}, {points(estimate.high)}]"


def p_value(p: float) -> str:
    """A p-value, never as zero."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(number: int) -> str:
    """`1,319`."""
    return f"{number:,}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 page`, `2 pages`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def size(size_bytes: float) -> str:
    """`4.7 GB`; decimal units, as on a disk."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.1f} {unit}"
    return f"{size_bytes:.0f} bytes"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def millions(number: float) -> str:
    """A number of weights: `494.0 million`, `3.09 billion`."""
    if number >= 1e9:
        return f"{number / 1e9:.2f} billion"
    return f"{number / 1e6:.1f} million" if number >= 1e5 else count(round(number))


def tally(counts: Mapping[str, int]) -> str:
    """`12 number, 3 table cell`, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name}" for name, number in ordered)


def place(source: str, page: int | None) -> str:
    """Where something stands: `lora.pdf, page 3`."""
    return source if page is None else f"{source}, page {page}"


def value(given: object) -> str:
    """A setting as it stands in a recipe."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, float):
        return f"{given:g}"
    if isinstance(given, list | tuple):
        return ", ".join(value(item) for item in given) or "none"
    if isinstance(given, Mapping):
        said = ((name, held) for name, held in given.items() if held not in (None, [], ()))
        return " ".join(f"{name} {value(held)}" for name, held in said)
    return "none" if given is None else str(given)
