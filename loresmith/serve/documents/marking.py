"""A leaf as HTML with a passage marked. Letters and digits decide where it is: spaces, bars and signs may differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

SHORTEST = 3
"""Letters and digits below which nothing is looked for."""
ANCHOR = "passage"
"""Id of the first marked stretch."""


@dataclass(frozen=True)
class Drawn:
    """A leaf ready to show."""

    html: Markup
    is_found: bool
    """Whether the passage stands on it."""


def skeleton(text: str) -> str:
    """The letters and digits of `text` in lower case, one character for each."""
    return "".join(letter.lower()[0] for letter in text if letter.isalnum())


def drawn(markdown: str, quote: str = "", before: str = "") -> Drawn:
    """HTML of `markdown` in which the words of `quote` are marked.

    Where they occur several times, the occurrence after `before`, the text of the leaf above the passage, is meant.
    HTML in the Markdown is text; addresses and pictures are words.
    """
    writer = _writer()
    tokens = writer.parse(markdown)
    wanted = skeleton(_spoken(writer, quote))
    is_found = len(wanted) >= SHORTEST and _mark(tokens, wanted, skeleton(before).count(wanted))
    return Drawn(Markup(writer.renderer.render(tokens, writer.options, {})), is_found)


def holds(markdown: str, quote: str) -> bool:
    """Whether the words of `quote` stand in `markdown`."""
    writer = _writer()
    wanted = skeleton(_spoken(writer, quote))
    return len(wanted) >= SHORTEST and wanted in skeleton(_spoken(writer, markdown))


def _writer() -> MarkdownIt:
    """A footnote that is only an address would pass for the definition of a link and vanish."""
    writer = MarkdownIt("commonmark", {"html": False}).enable("table")
    writer.disable(["image", "link", "autolink", "reference"])
    return writer


def _spoken(writer: MarkdownIt, markdown: str) -> str:
    return " ".join(token.content for token, _ in _texts(writer.parse(markdown)))


def _texts(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Every token of words, with the inline token that holds it."""
    for holder in tokens:
        for token in holder.children or ():
            if token.type in ("text", "code_inline"):
                yield token, holder


def _mark(tokens: Sequence[Token], wanted: str, earlier: int) -> bool:
    """Put marks around `wanted`, at the occurrence that `earlier` ones come before; whether it is there."""
    places = [
        (token, offset, letter.lower()[0])
        for token, _ in _texts(tokens)
        for offset, letter in enumerate(token.content)
        if letter.isalnum()
    ]
    letters = "".join(letter for _, _, letter in places)
    start = letters.find(wanted)
    for _ in range(earlier):
        if (later := letters.find(wanted, start + 1)) < 0:
            break
        start = later
    if start < 0:
        return False
    spans: dict[int, tuple[int, int]] = {}
    for token, offset, _ in places[start : start + len(wanted)]:
        low, high = spans.get(id(token), (offset, offset))
        spans[id(token)] = (min(low, offset), max(high, offset))
    is_first = True
    for holder in {id(holder): holder for token, holder in _texts(tokens) if id(token) in spans}.values():
        pieces: list[Token] = []
        for token in holder.children or ():
            if id(token) in spans:
                pieces.extend(_split(token, *spans[id(token)], is_first=is_first))
                is_first = False
            else:
                pieces.append(token)
        holder.children = pieces
    return True


def _split(token: Token, low: int, high: int, *, is_first: bool) -> Iterator[Token]:
    """`token` with a mark around its characters from `low` to `high`; code is marked whole."""
    opening = f'<mark id="{ANCHOR}" tabindex="-1">' if is_first else "<mark>"
    words = token.content
    if token.type == "code_inline":
        low, high = 0, len(words) - 1
    if low:
        yield _text(words[:low])
    yield _raw(opening)
    yield token if token.type == "code_inline" else _text(words[low : high + 1])
    yield _raw("</mark>")
    if high + 1 < len(words):
        yield _text(words[high + 1 :])


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _raw(tag: str) -> Token:
    """A tag of our own; nothing of a document goes in here."""
    return Token("html_inline", "", 0, content=tag)
