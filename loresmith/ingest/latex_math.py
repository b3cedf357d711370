"""Formulas as they are kept: TeX between dollars, or plain characters where a formula is only a number or a sign."""

import re

from loresmith.ingest.latex_symbols import MATH_SIGNS

_LABEL = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_FACE = re.compile(
    r"\\(?:mathbf|mathrm|mathit|mathsf|mathtt|textbf|textit|textrm|text|boldsymbol|bm|mathtextbf)\s*\{([^{}]*)\}"
)
_SWITCH = re.compile(
    r"\\(?:bf|rm|it|displaystyle|textstyle|scriptstyle|boldmath|left|right|big[lr]?|limits)(?![A-Za-z])"
)
_SIGN = re.compile(r"\\([A-Za-z]+|[^A-Za-z])")
_RAISED = re.compile(r"\^\s*\{\s*([-+−]?\d+|[†‡*★°′]+)\s*\}|\^\s*(\d|[†‡*★°′])")
_MARKS = frozenset("†‡*★°′")
_PLAIN = re.compile(r"[\d\s.,;:%±∓×·→←≤≥~≈↑↓✓†‡*★°•∞≠⇑⇓⇒÷…√△▲▼◇□↗↘+\-−/()\[\]=<>′≪≫#&^|]*")
_ROWS = re.compile(r"(?<!\\)&|\\\\")


def inline_math(tex: str) -> str:
    """The formula for use inside a sentence or a cell."""
    plain = plain_math(tex)
    if plain is not None:
        return plain
    return f"${_tidied(tex)}$" if tex.strip() else ""


def display_math(tex: str, aligned: str = "") -> str:
    """A formula that stands by itself, on one line; `aligned` is the environment that its rows need."""
    body = _tidied(tex)
    if not body:
        return ""
    if aligned and _ROWS.search(body):
        body = rf"\begin{{{aligned}}} {body} \end{{{aligned}}}"
    return f"$${body}$$"


def plain_math(tex: str) -> str | None:
    """The formula without TeX where it holds nothing but numbers and signs, such as `10^6` or `±`; else `None`."""
    text = tex.replace("{,}", ",")
    for _ in range(3):  # faces inside faces
        text = _FACE.sub(r"\1", text)
    text = _SWITCH.sub(" ", text)
    if any(sign not in MATH_SIGNS for sign in _SIGN.findall(text)):
        return None
    text = _SIGN.sub(lambda found: MATH_SIGNS[found[1]], text)
    text = _RAISED.sub(lambda found: _raised(found[1] or found[2]), text)
    if not _PLAIN.fullmatch(text):
        return None
    return " ".join(text.split())


def _raised(text: str) -> str:
    return text if set(text) <= _MARKS else f"^{text}"


def _tidied(tex: str) -> str:
    return _HTML.sub("< ", " ".join(_LABEL.sub("", tex).split()))
