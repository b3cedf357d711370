"""A stretch of LaTeX as one line of Markdown: faces dropped, accents composed, formulas kept, citations as keys."""

import re
import unicodedata
from collections.abc import Mapping

from loresmith.ingest.latex_math import display_math, inline_math
from loresmith.ingest.latex_scan import after_arguments, after_options, argument, environment, option
from loresmith.ingest.latex_symbols import ACCENTS, CHARACTERS, SYMBOLS

_ORDINARY = re.compile(r"[^\\${}~`'\-]+")
_COMMAND = re.compile(r"\\(?:([A-Za-z@]+)(\*?)|(.))", re.DOTALL)
_CITE = re.compile(r"[A-Za-z]*cite[A-Za-z]*")
_QUOTES = {"``": "“", "''": "”", "---": "—", "--": "–"}
_REFERENCES = frozenset({"ref", "eqref", "pageref", "nameref", "vref", "labelcref"})
_NAMED_REFERENCES = frozenset({"autoref", "cref", "Cref", "fullref", "zcref"})
_CODE = frozenset({"texttt", "code", "lstinline", "mintinline", "verb"})
_NOTES = frozenset({"footnote", "footnotetext", "thanks", "tablefootnote"})
_ADDRESSES = frozenset({"url", "path", "nolinkurl"})
_SKIPPED = {
    "label": 1, "vspace": 1, "hspace": 1, "includegraphics": 1, "color": 1, "textcolor": 1, "colorbox": 1, "href": 1,
    "fcolorbox": 2, "rule": 2, "setlength": 2, "addtolength": 2, "setcounter": 2, "addtocounter": 2, "phantom": 1,
    "vphantom": 1, "hphantom": 1, "bibliographystyle": 1, "bibliography": 1, "pagestyle": 1, "thispagestyle": 1,
    "rowcolor": 1, "cellcolor": 1, "columncolor": 1, "arrayrulecolor": 1, "definecolor": 3, "fontsize": 2,
    "raisebox": 1,
    "index": 1, "footnotemark": 0, "markboth": 2, "markright": 1, "hypersetup": 1, "nocite": 1, "usepackage": 1,
    "captionsetup": 1, "resizebox": 2, "scalebox": 1, "rotatebox": 1, "parbox": 1, "adjustbox": 1, "makebox": 0,
    "multirow": 2, "multicolumn": 2, "specialrule": 3, "cmidrule": 1, "cline": 1, "addlinespace": 0, "hypertarget": 1,
    "hyperlink": 1, "graphicspath": 1, "newlength": 1, "newcounter": 1, "linespread": 1, "selectlanguage": 1,
    "foreignlanguage": 1, "bibliographyfont": 1, "stepcounter": 1, "refstepcounter": 1, "renewcommand": 2,
    "newcommand": 2, "marginpar": 1, "orcidlink": 1, "orcid": 1, "tikzset": 1, "pgfplotsset": 1, "lstset": 1,
    "addcontentsline": 3, "numberwithin": 2, "settowidth": 2, "hyphenation": 1, "input": 1, "include": 1, "subfile": 1,
    "import": 2, "setstretch": 1, "allowdisplaybreaks": 0, "vskip": 0, "todo": 1, "documentclass": 1,
    "phantomsection": 0,
    "includepdf": 1, "includesvg": 1, "affil": 0, "newtheorem": 2, "theoremstyle": 1, "fancyhead": 1, "fancyfoot": 1,
}  # fmt: skip
"""Arguments that say how, not what; those behind them are text."""
_SKIPPED_BY_ENVIRONMENT = {"tabular": 1, "minipage": 1, "tabularx": 2, "tabular*": 2, "adjustbox": 1, "spacing": 1}
_MATHS = frozenset({"math", "equation", "equation*", "displaymath", "align", "align*", "aligned"})


class Inline:
    """Writes stretches of one document; footnotes are collected on the way."""

    def __init__(self, labels: Mapping[str, tuple[str, str]]) -> None:
        self._labels = labels
        self.notes: list[str] = []

    def text(self, source: str) -> str:
        """Markdown on one line."""
        return " ".join(self._written(source).split())

    def _written(self, source: str) -> str:
        parts: list[str] = []
        at = 0
        while at < len(source):
            ordinary = _ORDINARY.match(source, at)
            if ordinary:
                parts.append(ordinary[0])
                at = ordinary.end()
                continue
            part, at = self._special(source, at)
            parts.append(part)
        return unicodedata.normalize("NFC", "".join(parts))

    def _special(self, source: str, at: int) -> tuple[str, int]:
        """What the character at `at` begins, written, and the place behind it."""
        char = source[at]
        if char == "\\":
            return self._command(source, at)
        if char == "$":
            return _between_dollars(source, at)
        for mark, sign in _QUOTES.items():
            if source.startswith(mark, at):
                return sign, at + len(mark)
        return {"{": "", "}": "", "~": " ", "`": "‘"}.get(char, char), at + 1

    def _command(self, source: str, at: int) -> tuple[str, int]:
        found = _COMMAND.match(source, at)
        if found is None:
            return "", at + 1
        if found[1] is None:
            return self._sign(source, found[3], found.end())
        return self._word(source, found[1], found.end())

    def _sign(self, source: str, sign: str, after: int) -> tuple[str, int]:
        """A command of one character that is no letter."""
        if sign in "([":
            end = source.find("\\" + ")]"["([".index(sign)], after)
            body, behind = (source[after:], len(source)) if end < 0 else (source[after:end], end + 2)
            return (inline_math(body) if sign == "(" else display_math(body)), behind
        if sign in ACCENTS:
            return self._accented(source, sign, after)
        if sign == "\\":
            return " ", after_options(source, after + source.startswith("*", after))
        return CHARACTERS.get(sign, ""), after

    def _accented(self, source: str, accent: str, after: int) -> tuple[str, int]:
        letter, behind = argument(source, after)
        plain = self._written(letter)
        return (plain[:1] + ACCENTS[accent] + plain[1:] if plain.strip() else plain), behind

    def _word(self, source: str, name: str, after: int) -> tuple[str, int]:
        if name in ("begin", "end"):
            return self._edge(source, name, after)
        if name == "verb":
            end = source.find(source[after : after + 1], after + 1)
            return (_code(source[after + 1 : end]), end + 1) if end > 0 else ("", after)
        if name in SYMBOLS:
            return SYMBOLS[name], _behind_name(source, after)
        if name in ACCENTS and name != "b":
            return self._accented(source, name, after)
        if _CITE.fullmatch(name) or name == "citation":
            keys, behind = argument(source, after_options(source, after))
            return ("" if name == "nocite" else f"[{', '.join(key.strip() for key in keys.split(','))}]"), behind
        if name in _REFERENCES or name in _NAMED_REFERENCES:
            return self._reference(source, name, after)
        if name in _CODE:
            body, behind = argument(source, after_options(source, after))
            return _code(self._written(body)), behind
        if name in _ADDRESSES:
            return argument(source, after)
        return self._less_common(source, name, after)

    def _less_common(self, source: str, name: str, after: int) -> tuple[str, int]:
        if name in _NOTES:
            body, behind = argument(source, after_options(source, after))
            self.notes.append("")  # a note inside this one has the next number
            number = len(self.notes)
            self.notes[number - 1] = self.text(body)
            return f"[^{number}]", behind
        if name == "runinhead":
            body, behind = argument(source, after)
            head = self.text(body)
            return (f"**{head}** " if head else ""), behind
        if name == "item":
            return "; ", _behind_name(source, after)
        if name in ("makecell", "shortstack", "thead", "diagbox", "backslashbox"):
            return " ", after_options(source, after)
        if name == "ensuremath":
            body, behind = argument(source, after)
            return inline_math(body), behind
        if name == "texorpdfstring":
            body, behind = argument(source, after)
            return self._written(body), argument(source, behind)[1]
        if name in _SKIPPED:
            return "", after_options(source, after_arguments(source, after, _SKIPPED[name]))
        given, behind = option(source, after)
        is_text = given is None or not source.startswith("{", behind)
        return "", _behind_name(source, after) if is_text else behind

    def _edge(self, source: str, word: str, after: int) -> tuple[str, int]:
        r"""`\begin{..}` and `\end{..}` of an environment that stands inside a line."""
        name, behind = argument(source, after)
        if word == "end":
            return " ", behind
        if name in _MATHS:
            body, behind = environment(source, behind, name)
            return inline_math(body), behind
        return " ", after_options(source, after_arguments(source, behind, _SKIPPED_BY_ENVIRONMENT.get(name, 0)))

    def _reference(self, source: str, name: str, after: int) -> tuple[str, int]:
        keys, behind = argument(source, after)
        targets = [self._labels.get(key.strip(), ("", key.strip())) for key in keys.split(",")]
        if name in _NAMED_REFERENCES:
            return ", ".join(f"{kind} {number}".strip() for kind, number in targets), behind
        shown = ", ".join(number for _, number in targets)
        return (f"({shown})" if name == "eqref" else shown), behind


def _between_dollars(source: str, at: int) -> tuple[str, int]:
    mark = "$$" if source.startswith("$$", at) else "$"
    end = at + len(mark)
    while end < len(source) and not source.startswith(mark, end):
        end += 2 if source[end] == "\\" else 1
    body = source[at + len(mark) : end]
    return (display_math(body) if mark == "$$" else inline_math(body)), end + len(mark)


def _behind_name(source: str, after: int) -> int:
    """Behind one blank, which only ends a command's name, and behind empty braces."""
    if source.startswith("{}", after):
        return after + 2
    while source.startswith((" ", "\t"), after):
        after += 1
    return after


def _code(text: str) -> str:
    plain = " ".join(text.split())
    return f"`{plain}`" if plain and "`" not in plain else plain
