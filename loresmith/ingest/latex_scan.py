"""Where groups, arguments and environments of a LaTeX source end; positions are indices into the text."""

import re
from collections.abc import Iterator

_SPACES = re.compile(r"[ \t]*\n?[ \t]*")
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+\*?|.)", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BRACKET = re.compile(r"\\.|[{}\[\]]", re.DOTALL)


def after_spaces(text: str, at: int) -> int:
    """Behind blanks and at most one line break: an empty line ends a paragraph."""
    found = _SPACES.match(text, at)
    return found.end() if found else at


def group(text: str, at: int) -> tuple[str, int]:
    """What stands between the brace at `at` and its partner, and the place behind; all the rest without a partner."""
    depth = 0
    for mark in _BRACE.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if depth == 0 and mark[0] == "}":
            return text[at + 1 : mark.start()], mark.end()
    return text[at + 1 :], len(text)


def argument(text: str, at: int) -> tuple[str, int]:
    """The next argument: a group, a command or one character."""
    at = after_spaces(text, at)
    if text.startswith("{", at):
        return group(text, at)
    command = _COMMAND.match(text, at)
    return (command[0], command.end()) if command else (text[at : at + 1], min(at + 1, len(text)))


def option(text: str, at: int) -> tuple[str | None, int]:
    """What stands in brackets next, and the place behind; `None` and `at` where nothing does."""
    start = after_spaces(text, at)
    if not text.startswith("[", start):
        return None, at
    braces, brackets = 0, 0
    for mark in _BRACKET.finditer(text, start):
        braces += {"{": 1, "}": -1}.get(mark[0], 0)
        if braces < 0:
            break
        brackets += {"[": 1, "]": -1}.get(mark[0], 0) if braces == 0 else 0
        if brackets == 0:
            return text[start + 1 : mark.start()], mark.end()
    return None, at


def after_options(text: str, at: int) -> int:
    """Behind every bracket that follows."""
    while True:
        found, after = option(text, at)
        if found is None:
            return at
        at = after


def after_arguments(text: str, at: int, count: int) -> int:
    """Behind `count` arguments in braces and the options in between; where braces are missing, nothing is skipped."""
    for _ in range(count):
        start = after_spaces(text, after_options(text, at))
        if not text.startswith("{", start):
            return at
        at = group(text, start)[1]
    return at


def environment(text: str, at: int, name: str) -> tuple[str, int]:
    r"""The content of environment `name` from `at`, behind its `\begin{name}`, and the place behind its end."""
    marks = re.compile(r"\\(begin|end)\s*\{" + re.escape(name) + r"\}")
    depth = 1
    for mark in marks.finditer(text, at):
        depth += 1 if mark[1] == "begin" else -1
        if depth == 0:
            return text[at : mark.start()], mark.end()
    return text[at:], len(text)


def split(text: str, separator: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Pieces between the separators that stand in no group and no environment, each with the separator before it."""
    marks = re.compile(rf"(?P<separator>{separator.pattern})|\\(?P<edge>begin|end)\s*\{{|\\.|[{{}}]", re.DOTALL)
    depth, last, before = 0, 0, ""
    for mark in marks.finditer(text):
        if mark["edge"]:
            depth += 1 if mark["edge"] == "begin" else -1
            depth += 1  # the brace behind the word was taken along
        elif mark["separator"] is not None and depth <= 0:
            yield before, text[last : mark.start()]
            before, last = mark[0], mark.end()
        elif mark[0] in "{}":
            depth += 1 if mark[0] == "{" else -1
    yield before, text[last:]
