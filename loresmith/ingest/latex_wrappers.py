r"""Commands that only place or colour a whole table (`\resizebox`, `\scalebox`, ...) replaced by what they hold."""

import re

from loresmith.ingest.latex_scan import after_arguments, after_options, after_spaces, group

_WRAPPER = re.compile(
    r"\\(resizebox|scalebox|rotatebox|adjustbox|parbox|centerline|makebox|framebox|fbox|mbox|hbox|vbox|textcolor|colorbox"
    r"|fcolorbox|footnotesize|small|scriptsize|tiny|raisebox|centering|adjincludegraphics|caption@wrapper|vcenter|shortcites"
    r"|subfloat)\*?(?![A-Za-z])"
)
_ARGUMENTS = {
    "resizebox": 2, "scalebox": 1, "rotatebox": 1, "adjustbox": 1, "parbox": 1, "textcolor": 1, "colorbox": 1,
    "fcolorbox": 2, "raisebox": 1,
}  # fmt: skip
_DEEPEST = 8


def unwrapped(text: str, depth: int = 0) -> str:
    """The text with each wrapper that holds an environment replaced by its content; others are left to their line."""
    pieces, last = [], 0
    for found in _WRAPPER.finditer(text):
        if found.start() < last:
            continue
        at = after_arguments(text, after_options(text, found.end()), _ARGUMENTS.get(found[1], 0))
        start = after_spaces(text, after_options(text, at))
        if not text.startswith("{", start):
            continue
        body, after = group(text, start)
        if "\\begin" in body and depth < _DEEPEST:
            pieces += [text[last : found.start()], unwrapped(body, depth + 1)]
            last = after
    return "".join([*pieces, text[last:]])
