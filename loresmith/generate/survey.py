"""What a teacher has to know of all chunks before it can trust what one of them says."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from loresmith.generate.cells import place_of
from loresmith.generate.pipe_tables import tables_of
from loresmith.generate.plain import comparable
from loresmith.records import Chunk
from loresmith.sentences import sentence_starts


class Survey:
    """The chunks of a corpus, seen together: which tables are whole, and which lines a document has.

    Chunks that are not in it are taken to stand alone.
    """

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        """`chunks` come document by document, in their order there."""
        self._pieces = _pieces(chunks)
        self._going_on = frozenset(one.id for one, following in pairwise(chunks) if _is_list_cut(one, following))
        self._places = Counter(place_of(table, chunk) for chunk in chunks for table in tables_of(chunk))
        self._lines: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for chunk in chunks:
            self._lines[chunk.document].update(dict.fromkeys(_lines(chunk.text)))

    def has_whole_table(self, chunk: Chunk, place: str) -> bool:
        """Whether `place` names one table only, and the chunk holds all of it."""
        return chunk.id not in self._pieces and self._places[place] <= 1

    def goes_on(self, chunk: Chunk) -> bool:
        """Whether the next chunk goes on with a list of this one."""
        return chunk.id in self._going_on

    def says(self, document: str, answer: str, about: Iterable[str], *, besides: str = "") -> bool:
        """Whether a line or sentence of the document, other than `besides`, holds `answer` and a word of `about`."""
        value, own = _whole(answer), comparable(besides)
        words = [_whole(word) for word in about]
        holding = (line for line in self._lines[document] if line != own and value.search(line))
        return any(word.search(line) for line in holding for word in words)

    def says_anywhere(self, answer: str, about: Sequence[str]) -> bool:
        """Whether a line or sentence of any document holds `answer` and a word of `about`."""
        return any(self.says(document, answer, about) for document in self._lines)


def _pieces(chunks: Sequence[Chunk]) -> frozenset[str]:
    """Ids of the chunks that hold a part of a table: its rows go on after one line break."""
    found: set[str] = set()
    for one, following in pairwise(chunks):
        same = one.document == following.document and one.kind == following.kind == "table"
        if same and 0 <= following.start - one.end <= 1:
            found |= {one.id, following.id}
    return frozenset(found)


def _is_list_cut(one: Chunk, following: Chunk) -> bool:
    same = one.document == following.document and one.headings == following.headings
    return same and re.match(r"\s*(?:[-*+]|\d{1,2}[.)])\s", following.text) is not None


def _lines(text: str) -> Iterable[str]:
    """The table lines and sentences of `text`, ready to be compared."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:\||[-*+]\s|\d+[.)]\s))", text):
        bounds = [0, *sentence_starts(block), len(block)]
        yield from (comparable(block[start:end]) for start, end in pairwise(bounds))


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(comparable(words))}(?![\w])(?!\.\d)")
