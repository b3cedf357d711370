"""Words broken at line ends: joined, or kept with their real hyphen (`DeepSeek-R1-7B`), by the document's own words."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loresmith.ingest.layout.page import Line

_BROKEN = re.compile(r"([\w./]+(?:-[\w./]+)*)-$")
_NEXT_WORD = re.compile(r"[\w.-]*")
_EDGES = ".,;:()[]{}\"'“”‘’"
_SUSPENDED = frozenset({"and", "or", "to", "nor"})
"""`pre- and post-training` is no broken word."""
_PREFIXES = frozenset({
    "non", "self", "pre", "post", "multi", "sub", "semi", "co", "re", "anti", "inter", "intra", "cross", "over",
    "under", "state", "long", "short", "high", "low", "large", "larger", "small", "well", "fine", "end", "real",
    "two", "three", "one", "first", "second", "open", "closed",
})  # fmt: skip


@dataclass(slots=True)
class Vocabulary:
    """How often each word, in lower case, stands unbroken in the document."""

    words: Counter[str] = field(default_factory=Counter)

    def learn(self, lines: Iterable[Line]) -> None:
        """Count the words of the lines; at both ends of a full line they may be parts of broken words."""
        for line in lines:
            whole = line[1:-1] if len(line) > 3 else line[:-1]
            self.words.update(word.text.strip(_EDGES).lower() for word in whole)

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Whether `left-` at a line's end and `right` on the next line are parts of a word with a real hyphen."""
        part, follower = left.split("-")[-1], right.split("-")[0]
        with_hyphen = self.words[f"{left}-{right}".lower()]
        without = self.words[f"{part}{right}".lower()]
        if with_hyphen != without:
            return with_hyphen > without
        if not follower[:1].islower() or re.search(r"[A-Z0-9]", part[1:]):
            return True
        if without:
            return False
        part, follower = part.lower(), follower.lower()
        known = part in _PREFIXES or (len(part) > 3 and self.words[part] > 1)
        return known and self.words[follower] > 0


def joined_lines(lines: Iterable[str], vocabulary: Vocabulary) -> str:
    """The lines of a paragraph as one text."""
    text = ""
    for line in lines:
        broken = _BROKEN.search(text)
        if not text or not line:
            text += line
        elif broken and re.match(r"[\w(]", line):
            right = (_NEXT_WORD.match(line) or [""])[0].rstrip(".-,") or line.split(" ")[0]
            if right.lower() in _SUSPENDED:
                text += " " + line
            elif vocabulary.keeps_hyphen(broken[1], right):
                text += line
            else:
                text = text[:-1] + line
        else:
            text += " " + line
    return text
