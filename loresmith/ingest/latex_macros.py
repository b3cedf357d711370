r"""A document's own commands written out: `\newcommand` and its like with plain arguments, a bounded number of times.

Not covered: delimited arguments of `\def`, conditionals, counters, what packages define.
"""

import re
from dataclasses import dataclass

from loresmith.ingest.latex_scan import after_spaces, argument, group, option

_DEFINITION = re.compile(
    r"\\(?:(?P<new>(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?"
    r"|(?P<operator>DeclareMathOperator)(?P<star>\*?)|(?P<plain>[gex]?def)(?=\s*\\)"
    r"|(?P<environment>(?:re)?newenvironment)\*?)(?![A-Za-z])"
)
_NAME = re.compile(r"\{?\s*\\([A-Za-z@]+|.)\s*\}?")
_CALL = re.compile(r"\\([A-Za-z@]+|[^A-Za-z\s])")
_BEGIN = re.compile(r"\\(begin|end)\s*\{([A-Za-z@]+\*?)\}")
_MOST_EXPANSIONS = 50_000
_MOST_GROWTH = 4 << 20
"""Characters that expanding may add."""
_DEEPEST = 20
"""Commands inside commands."""
_KEPT = frozenset({
    "part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph", "caption", "label",
    "ref", "cite", "citep", "citet", "item", "begin", "end", "title", "author", "footnote", "thanks", "abstract",
    "multirow", "multicolumn", "emph", "textbf", "and", "date", "maketitle", "input", "include", "url", "href",
    "toprule", "midrule", "bottomrule", "hline", "cmidrule", "cline", "%", "\\", "{", "}", "$", "&", "#", "_",
})  # fmt: skip
"""What the reader understands itself; a class that redefines it changes only its looks."""


@dataclass(frozen=True, slots=True)
class Macro:
    """What stands for a command: `#1` to `#9` are its arguments."""

    body: str
    count: int = 0
    default: str | None = None
    """Of the first argument, where that is optional."""


@dataclass(slots=True)
class Budget:
    """What may still be written out, so that commands that call each other come to an end."""

    expansions: int = _MOST_EXPANSIONS
    characters: int = _MOST_GROWTH


def expanded(text: str) -> str:
    """The text without definitions of commands, and with the commands that they define written out."""
    macros: dict[str, Macro] = {}
    environments: dict[str, tuple[Macro, str]] = {}
    text = _without_definitions(text, macros, environments)
    if environments:
        text = _with_environments(text, environments)
    return _with_commands(text, macros, Budget()) if macros else text


def _without_definitions(text: str, macros: dict[str, Macro], environments: dict[str, tuple[Macro, str]]) -> str:
    pieces, last = [], 0
    for found in _DEFINITION.finditer(text):
        if found.start() < last:
            continue
        if found["environment"]:
            after = _define_environment(text, found.end(), environments)
        else:
            after = _define(text, found, macros)
        if after is not None:
            pieces.append(text[last : found.start()])
            last = after
    return "".join([*pieces, text[last:]])


def _define(text: str, found: re.Match[str], macros: dict[str, Macro]) -> int | None:
    """Note the definition; the place behind it, or `None` where it is of no kind that is understood."""
    name = _NAME.match(text, after_spaces(text, found.end()))
    if name is None:
        return None
    at, default = name.end(), None
    if found["plain"]:
        parameters = re.compile(r"\s*((?:#\d)*)\s*(?=\{)").match(text, at)
        if parameters is None:
            return None
        count, at = parameters[1].count("#"), parameters.end()
    else:
        count, default, at = _parameters(text, at)
    at = after_spaces(text, at)
    if not text.startswith("{", at):
        return None
    body, after = group(text, at)
    if found["operator"]:
        body = rf"\operatorname{found['star']}{{{body}}}"
    if name[1] not in _KEPT and count <= 9:
        macros[name[1]] = Macro(body, count, default)
    return after


def _define_environment(text: str, at: int, environments: dict[str, tuple[Macro, str]]) -> int | None:
    name, at = argument(text, at)
    count, default, at = _parameters(text, at)
    begin, at = argument(text, at)
    end, at = argument(text, at)
    if f"\\begin{{{name}}}" not in begin and count <= 9:
        environments[name] = (Macro(begin, count, default), end)
    return at


def _parameters(text: str, at: int) -> tuple[int, str | None, int]:
    """How many parameters `[2][default]` gives a definition, the default of the first, and the place behind them."""
    size, at = option(text, at)
    count = int(size) if size and size.strip().isdecimal() else 0
    default, at = option(text, at) if count else (None, at)
    return count, default, at


def _with_environments(text: str, environments: dict[str, tuple[Macro, str]]) -> str:
    for _ in range(5):  # environments made of environments
        pieces, last = [], 0
        for mark in _BEGIN.finditer(text):
            if mark.start() < last or mark[2] not in environments:
                continue
            macro, end = environments[mark[2]]
            replaced, after = (end, mark.end()) if mark[1] == "end" else _filled(macro, text, mark.end())
            pieces += [text[last : mark.start()], replaced]
            last = after
        if not pieces:
            return text
        text = "".join([*pieces, text[last:]])
        if len(text) > 2 * _MOST_GROWTH:
            return text
    return text


def _with_commands(text: str, macros: dict[str, Macro], budget: Budget, depth: int = 0) -> str:
    """The text with every call replaced, and calls inside what it stands for, until the budget is spent."""
    pieces, last = [], 0
    for call in _CALL.finditer(text):
        if call.start() < last or call[1] not in macros:
            continue
        if depth == _DEEPEST or not budget.expansions or budget.characters <= 0:
            break
        macro = macros[call[1]]
        body, after = _filled(macro, text, call.end())
        budget.expansions -= 1
        budget.characters -= len(body)
        body = _with_commands(body, macros, budget, depth + 1)
        joined, last_read = _joined(body, text, after, is_word=call[1].isalpha() and not macro.count)
        pieces += [text[last : call.start()], joined]
        last = last_read
    return "".join([*pieces, text[last:]])


def _filled(macro: Macro, text: str, at: int) -> tuple[str, int]:
    """The body with the arguments of the call whose name ends at `at`, and the place behind them."""
    values: list[str] = []
    if macro.default is not None:
        given, at = option(text, at)
        values.append(macro.default if given is None else given)
    while len(values) < macro.count:
        value, at = argument(text, at)
        values.append(value)
    return re.sub(r"#([1-9])", lambda n: values[int(n[1]) - 1] if int(n[1]) <= len(values) else "", macro.body), at


def _joined(body: str, text: str, after: int, *, is_word: bool) -> tuple[str, int]:
    r"""The body ready to stand before the rest, and where that begins.

    Blanks behind a command's name are no text, unless `\xspace` brings them back.
    """
    start = after + len(text[after : after + 80]) - len(text[after : after + 80].lstrip(" \t")) if is_word else after
    following = text[start : start + 1]
    has_space = body.rstrip().endswith("\\xspace")
    body = body.replace("\\xspace", "")
    is_apart = has_space and start != after and following not in ".,;:!?')]}/-~"
    runs_together = re.search(r"\\[A-Za-z@]+\Z", body) is not None and following.isalpha()
    return body + (" " if is_apart or runs_together else ""), start
