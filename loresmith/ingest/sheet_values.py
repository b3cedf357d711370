"""Cell values of a workbook as its number formats show them: dates, shares, amounts, decimals.

Not covered: fractions, scientific formats with fixed exponents, formats with conditions (all these show the plain
number), locale names of months (they are English).
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite
from typing import Any

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.')
"""Literal texts of a format: quoted, escaped, a currency; colours, conditions and paddings say nothing."""
_DIGITS = re.compile(r"(?P<whole>[#0?][#0?,]*)(?:\.(?P<decimals>[#0?]+))?(?P<thousands>,*)")
_CONDITION = re.compile(r"\[[<>=]")
_MOST_DECIMALS = 30
"""As many as Excel shows."""
_EXACT = Context(prec=400)
"""Digits: the largest float has 309 before its point."""
_DATE_PART = re.compile(r"y+|m+|d+|h+|s+(?:\.0+)?|am/pm|a/p", re.IGNORECASE)
_STRFTIME = {
    "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "dddd": "%A", "ddd": "%a", "dd": "%d",
    "hh": "%H", "ss": "%S", "am/pm": "%p", "a/p": "%p",
}  # fmt: skip
_GENERAL = frozenset({"General", "@", ""})


def shown(value: Any, number_format: str) -> str:
    """What a reader of the sheet sees in the cell; nothing for an empty one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return _date(value, number_format)
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, int | float):
        return _number(float(value), number_format) if number_format not in _GENERAL else _general(value)
    return " ".join(str(value).split())


def _general(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"


def _number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    is_own = value < 0 and len(sections) > 1 and sections[1].strip()  # the format of negative numbers has its own sign
    section = sections[1] if is_own else sections[0]
    plain = _QUOTED.sub(lambda found: "\x00" * len(found[1] or found[2] or found[3] or ""), section)
    places = _DIGITS.search(plain)
    is_special = any(mark in plain.lower() for mark in ("/", "e+", "e-")) or _CONDITION.search(number_format)
    if places is None or is_special or not isfinite(value):
        return _general(value)
    whole, decimals = places["whole"].rstrip(","), places["decimals"] or ""
    thousands = len(places["whole"]) - len(whole) + len(places["thousands"])  # commas behind the last digit
    size = _rounded(abs(value), 2 * plain.count("%") - 3 * thousands, len(decimals))
    digits = f"{size:,f}" if "," in whole else f"{size:f}"
    if decimals:  # what is a # or ? there is shown only where it is needed
        digits = _without_zeros(digits, len(decimals) - len(decimals.rstrip("#?")))
    sign = "-" if value < 0 and not is_own and any(char in "123456789" for char in digits) else ""
    before, after = _literal(section, before=True), _literal(section, before=False)
    return f"{sign}{before}{digits}{after}".strip()


def _rounded(size: float, power: int, decimals: int) -> Decimal:
    """`size` times ten to the `power`; a half is rounded up, as written in decimals: 1.005 to two is 1.01."""
    last = Decimal(1).scaleb(-min(decimals, _MOST_DECIMALS))
    return Decimal(repr(size)).scaleb(power, _EXACT).quantize(last, ROUND_HALF_UP, _EXACT)


def _without_zeros(digits: str, most: int) -> str:
    while most and digits.endswith("0"):
        digits, most = digits[:-1], most - 1
    return digits.rstrip(".")


def _literal(section: str, *, before: bool) -> str:
    """The text of a format in front of its digits, or behind them."""
    text = _QUOTED.sub(lambda found: found[1] or found[2] or found[3] or "", section)
    places = _DIGITS.search(text)
    if places is None:
        return ""
    return text[: places.start()] if before else text[places.end() :]


def _date(value: datetime | date | time, number_format: str) -> str:
    section = number_format.split(";")[0]
    plain = _QUOTED.sub(lambda found: found[1] or found[2] or "", section)
    parts = list(_DATE_PART.finditer(plain))
    if number_format in _GENERAL or not parts:
        return _iso(value)
    shape, last, previous = "", 0, ""
    with_noon = "am/pm" in plain.lower() or "a/p" in plain.lower()
    for index, part in enumerate(parts):
        name = part[0].lower()
        following = parts[index + 1][0].lower() if index + 1 < len(parts) else ""
        is_minute = name in ("m", "mm") and (previous.startswith("h") or following.startswith("s"))
        shape += plain[last : part.start()].replace("%", "%%") + _directive(name, is_minute, with_noon, value)
        last, previous = part.end(), name
    try:
        return " ".join(value.strftime(shape + plain[last:].replace("%", "%%")).split())
    except ValueError:
        return _iso(value)


def _directive(name: str, is_minute: bool, with_noon: bool, value: datetime | date | time) -> str:
    if is_minute:
        return "%M" if name == "mm" else str(getattr(value, "minute", 0))
    if name.startswith("s"):
        return "%S"
    if name.startswith("h") and with_noon:
        hour = getattr(value, "hour", 0) % 12 or 12
        return f"{hour:0{len(name)}d}"
    if name in ("d", "m", "h"):  # without the leading zero
        return str(getattr(value, {"d": "day", "m": "month", "h": "hour"}[name], 0))
    return _STRFTIME.get(name) or _STRFTIME.get(name[:4]) or _STRFTIME["yyyy"]


def _iso(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
