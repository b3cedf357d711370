"""The sentences of a chunk that can carry a fact, each verbatim and plain.

Left out: headings, tables, code, captions, contents lines, fragments, formulas, addresses, author lists, and sentences
that lean on others ("this", "such", "as shown above").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from loresmith.generate.plain import capitalised, plain
from loresmith.records import Chunk
from loresmith.sentences import sentence_starts

_BLOCK = re.compile(r"\n\s*\n")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)]|•)\s+")
_CAPTION = re.compile(r"^\W*(?:Figure|Fig\.|Table|Tab\.|Algorithm|Listing|Equation)\s*[A-Z]?\.?\d", re.IGNORECASE)
_LEANING = re.compile(
    r"\b(?:ours|us|I|my|me|you|your|this|these|those|such|here|above|below|former|latter|respectively|herein"
    r"|aforementioned|following|previous|previously|next|earlier|later|proposed|same|figures?|fig|equations?|eqs?|eq"
    r"|sections?|appendix|appendices|tables?|chapter|footnote|et al|see|e\.g|i\.e)\b",
    re.IGNORECASE,
)
_LEANING_START = re.compile(
    r"^(?:it|its|they|their|he|his|she|her|that|there|and|but|or|so|thus|hence|however|moreover|furthermore|also|then"
    r"|therefore|instead|otherwise|meanwhile|finally|additionally|similarly|consequently|nevertheless|nonetheless"
    r"|besides|likewise|overall|indeed|both|another|other|others|one|either|neither|because|since|while|whereas"
    r"|although|though|if|when|unless|as|what|why|how|who|which|where|first|second|third|second,|lastly|specifically"
    r"|note|notably|interestingly|importantly|remarkably|for example|for instance|in addition|in contrast)\b",
    re.IGNORECASE,
)
_JUNK = re.compile(
    r"https?:|\w\[|\[\w+\[|www\.|@[\w.]+\.\w|[{}\\|<>~"
    r"∑∏√∫∈∉≤≥⩽⩾≈∝∀∃∇∂→←↔⇒⊕⊗∥∞△□■●◦†‡∗ˆ˜\ufffd\ufe00-\ufe0f]|___|\.\s\.\s|\.{3}|…|=\s*\S|\^"
)
_RUN_IN_HEAD = re.compile(r"^\*\*[^*\n]{1,90}?[^:*\n]\*\*[.:]?\s+(?=[A-Z\d“\"(])")
_NOTE_NUMBER = re.compile(r"^(?:\^\d{1,2}\s*|\d{1,2}\s+)(?=[A-Z])")
_ATTRIBUTES = re.compile(r"\n?(?:\{:[^}\n]*\}|(?<=\n)\^)[ \t]*(?=\n|\Z)")
_CONNECTIVE = re.compile(
    r"^(?:Additionally|Notably|Furthermore|Moreover|In addition|Interestingly|Finally|Specifically|In particular|Also"
    r"|Overall|Remarkably|Importantly|However|Besides|In contrast|By contrast|Similarly|In summary|Meanwhile"
    r"|For example|For instance|Indeed|In fact|As a result|Therefore|Ultimately|Basically|Consequently"
    r"|Recently|Currently), "
)
_EXERCISES = re.compile(
    r"\b(?:review|critical thinking|visual connection|practice) (?:questions?|problems?)\b|\bfree response\b"
    r"|^(?:[\d.]+ )?(?:exercises?|quiz|self-check|problems|test yourself)\b",
    re.IGNORECASE,
)
_LONGEST_WORD = 60  # a longer one is no word, and patterns would search it for seconds
_LONELY = re.compile(r"(?<![\w'’.-])[b-zB-HJ-Z](?![\w'’.+#-])")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence that stands alone."""

    quote: str
    """As it stands in the chunk."""
    text: str
    """Plain, on one line, with its full stop."""


@dataclass(frozen=True, slots=True)
class Item:
    """One list item or labelled paragraph: `label: rest`."""

    quote: str
    label: str
    rest: str
    defines: bool = False
    """Whether it is written as a definition: the label on a line of its own, `: rest` on the next."""


def sentences_of(chunk: Chunk, *, may_give_examples: bool = False) -> Iterator[Sentence]:
    """The sentences of the chunk's prose that can carry a fact; those with "such as" only where that is wanted."""
    for paragraph in paragraphs_of(chunk):
        bounds = [0, *sentence_starts(paragraph), len(paragraph)]
        for start, end in pairwise(bounds):
            quote = _NOTE_NUMBER.sub("", paragraph[start:end].strip())
            text = spoken_of_authors(capitalised(_CONNECTIVE.sub("", plain(quote))))
            looked_at = text.replace(" such as ", " like ") if may_give_examples else text
            if is_sound(text) and not leans_on_others(looked_at):
                yield Sentence(quote, text)


def spoken_of_authors(text: str) -> str:
    """`text` with "we" turned into "the authors", so that the question can name the document they wrote."""
    text = re.sub(r"^We\b", "The authors", text)
    text = re.sub(r"\bwe\b", "the authors", text)
    named = re.search(r"\bthe authors\b", text, re.IGNORECASE) is not None
    return re.sub(r"\bour\b", "their" if named else "the authors’", re.sub(r"^Our\b", "The authors’", text))


def items_of(chunk: Chunk) -> Iterator[Item]:
    """Lines of the form `label: rest`, from lists and from paragraphs with a bold lead."""
    for paragraph in map(_without_attributes, paragraphs_of(chunk)):
        label, colon, rest = plain(paragraph).partition(":")
        balanced = label.count("(") == label.count(")") and label.count("[") == label.count("]")
        if colon and rest.startswith(" ") and 0 < len(label.split()) <= 6 and rest.strip() and balanced:
            yield Item(paragraph, label.strip(), rest.strip(), defines="\n:" in paragraph)


def paragraphs_of(chunk: Chunk) -> Iterator[str]:
    """Verbatim paragraphs and list items, without their list marks."""
    if chunk.kind == "table":
        return
    in_code = False
    for block in _BLOCK.split(chunk.text):
        stripped = block.strip()
        fences = sum(line.lstrip().startswith(("```", "~~~")) for line in stripped.split("\n"))
        if fences or in_code:
            in_code ^= fences % 2 == 1
            continue
        for part in _parts(stripped):
            if part and not part.startswith(("#", "|", "<!--", ">")) and not _CAPTION.match(part):
                yield _without_lead(part)


def holds_exercises(chunk: Chunk) -> bool:
    """Whether the chunk stands under a heading of questions to the reader, whose answers may be wrong on purpose."""
    return any(_EXERCISES.search(heading) for heading in chunk.headings)


def is_sound(text: str) -> bool:
    """Whether plain `text` is a whole sentence of words: no fragment, formula, address, name list or heading."""
    tokens = text.split()
    if max(map(len, tokens), default=0) > _LONGEST_WORD:
        return False
    if not 4 <= len(tokens) <= 45 or not text.endswith((".", "!")) or _JUNK.search(text):
        return False
    if not (text[0].isupper() or text[0].isdigit() or not text[0].isascii()):
        return False
    if any(text.count(left) != text.count(right) for left, right in ("()", "[]", "“”")) or text.count('"') % 2:
        return False
    named = [word for word in _WORD.findall(text) if word[0].isupper()]
    spelled = _WORD.findall(text)
    letters = sum(character.isalpha() or character.isspace() for character in text)
    return (
        letters / len(text) >= 0.65
        and text.count(",") <= len(tokens) / 4
        and len(spelled) >= 2
        and len(named) / len(spelled) <= 0.7
        and len(_LONELY.findall(text)) <= 1
    )


def leans_on_others(text: str) -> bool:
    """Whether a sentence or question speaks of something that only its neighbours name."""
    return bool(_LEANING.search(text) or _LEANING_START.match(text))


def _without_attributes(part: str) -> str:
    """The paragraph without kramdown's attribute lines, `{: type="a"}` and `^`."""
    return _ATTRIBUTES.sub("", part).strip()


def _without_lead(part: str) -> str:
    """The paragraph without the run-in heading or the footnote number that it opens with."""
    return _NOTE_NUMBER.sub("", _RUN_IN_HEAD.sub("", part))


def _parts(block: str) -> Iterator[str]:
    """A block's list items, or the block itself."""
    lines = block.split("\n")
    if not any(_ITEM.match(line) for line in lines):
        yield block
        return
    held: list[str] = []
    for line in lines:
        if _ITEM.match(line) and held:
            yield _ITEM.sub("", "\n".join(held), count=1).strip()
            held = []
        held.append(line)
    yield _ITEM.sub("", "\n".join(held), count=1).strip()
