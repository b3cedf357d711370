"""Where a reader should look, told to some attention heads: the places are known, since rules made the exercises.

Answering from a passage takes several hops, and the loss on answers says nothing of them until all are there. So a
few heads are trained towards known places as well (guided alignment, Chen et al., arXiv 1607.01628): at an answer's
first token, to the question's words that the evidence shares, and to those same words in the passage where they stand
behind the answer; from these, back to where the answer begins; from a table's cell to the head of its column; and from
each token of an answer, to its next one in the passage. What a head does with what it finds there is left to the loss
on answers.

Not covered: answers that are no span of the passage (letters, refusals) and questions without a passage guide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from loresmith.models.prompts import LETTERS
from training.starter.copying import Start
from training.starter.formats import END, PAD
from training.starter.network import HeadAims
from training.starter.packing import ANSWER, TOKEN_MASK, Packed

HEADS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "question": ((2, 1),),
    "begin": ((1, 3), (2, 2)),
    "context": ((2, 3),),
    "column": ((3, 3),),
    "behind": ((3, 1), (4, 1)),
    "first": ((3, 2), (4, 2)),
    "next": ((3, 0), (4, 0)),
}
"""(layer, head) of the guided heads, none of them a written one (`copying`). Begin comes before behind, since what was
fetched by the one is found by the other."""
STARTS: Mapping[tuple[int, int], Start] = {
    (2, 2): Start("seen", "filling"),
    **{head: Start("filling", "seen") for head in HEADS["behind"]},
    **{head: Start("seen", "seen") for head in (*HEADS["first"], *HEADS["next"])},
}
"""What the guided heads begin with doing: note how the sentence began, in the place of a note that is not read any more
from there on; say what was noted; say the token that is looked at. Where to look they learn."""
COMMON = 60
"""So many of the most frequent entries of the vocabulary do not tie a question to its evidence."""
MOST_PLACES = 12
"""Words of the evidence that lead back to one answer."""

Ids = NDArray[np.int64]


@dataclass
class Aims:
    """From which places a role's heads should look where: `pairs` holds (row, place, wanted places)."""

    pairs: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)

    def tensors(self, length: int, device: torch.device | str) -> tuple[Tensor, Tensor, Tensor]:
        """Rows (n,), places (n,) and whether a place is wanted (n, length)."""
        wanted = torch.zeros(len(self.pairs), length, dtype=torch.bool)
        for number, (_, _, where) in enumerate(self.pairs):
            wanted[number, list(where)] = True
        rows, places = (torch.tensor([pair[part] for pair in self.pairs]) for part in (0, 1))
        return rows.to(device), places.to(device), wanted.to(device)


class Guide:
    """Finds the aims in packed rows."""

    def __init__(self, tokenizer: Tokenizer, stream: Packed) -> None:
        entries = tokenizer.get_vocab()
        size = max(entries.values()) + 1
        self.pad, self.end = entries[PAD], entries[END]
        self.asked = entries.get("Question", -1)
        words = {number: word for word, number in entries.items()}
        spelled = [words.get(number, "") for number in range(size)]
        bare = {word: number for number, word in enumerate(dict.fromkeys(w.lstrip("Ġ").lower() for w in spelled))}
        self.alike = np.array([bare[word.lstrip("Ġ").lower()] for word in spelled])
        """Entries that differ in their case or in the space before them are alike."""
        self.bars = np.array([word.strip("ĠĊ") == "|" for word in spelled])
        """Entries that end a cell of a table."""
        self.breaks = np.array(["Ċ" in word for word in spelled])
        self.stops = np.array([word in (".", "?", "!") for word in spelled])
        self.spaced = np.array([word.startswith(("Ġ", "Ċ", "<|")) for word in spelled])
        self.letters = {number for word, number in entries.items() if word.lstrip("Ġ") in LETTERS and word != "Ġ"}
        counts = np.bincount(np.asarray(stream[:4_000_000]) & TOKEN_MASK, minlength=size)
        self.common = set(self.alike[np.argsort(-counts, kind="stable")[:COMMON]].tolist())

    def aims(self, words: Packed) -> dict[str, Aims]:
        """The aims in rows of packed `words` (rows, length + 1); places are those of the inputs."""
        found = {role: Aims() for role in HEADS}
        for number, row in enumerate(words):
            if not (row & ANSWER).any():
                continue
            tokens = (row & TOKEN_MASK).astype(np.int64)
            starts = [*np.flatnonzero(tokens == self.pad).tolist(), len(tokens)]
            answers = runs((row & ANSWER) > 0)
            for begin, end in zip([0, *starts], starts, strict=False):
                own = [run for run in answers if begin <= run[0] < end]
                if own:
                    self._unit(number, tokens, begin, own, found)
        return {role: aims for role, aims in found.items() if aims.pairs}

    def _unit(
        self, row: int, tokens: Ids, begin: int, answers: Sequence[tuple[int, int]], found: dict[str, Aims]
    ) -> None:
        asked = np.flatnonzero(tokens[begin : answers[-1][0]] == self.asked) + begin
        if not len(asked) or asked[0] > answers[0][0]:
            return
        sources = (begin, int(asked[0]))
        for first, end in answers:
            start = int(asked[asked < first][-1])
            self._answer(row, tokens, sources, (start + 1, first), end, found)

    def _answer(
        self, row: int, tokens: Ids, sources: tuple[int, int], question: tuple[int, int], end: int,
        found: dict[str, Aims],
    ) -> None:  # fmt: skip
        first = question[1]
        answer = tokens[first:end]
        answer = answer[: int(np.argmax(answer == self.end))] if (answer == self.end).any() else answer
        if not len(answer) or (len(answer) == 1 and int(answer[0]) in self.letters):
            return
        places = list(occurrences(tokens[slice(*sources)], answer, sources[0]))
        if not places:
            return
        meant = set(self.alike[tokens[slice(*question)]].tolist()) - self.common
        shared = {place: self._shared(tokens, place, len(answer), sources, meant) for place in places}
        place = max(places, key=lambda one: (len({int(self.alike[tokens[i]]) for i in shared[one]}), -one))
        before = [i for i in shared[place] if i < place]
        behind = [i for i in shared[place] if i >= place + len(answer)][:MOST_PLACES]
        heads = self._column_head(tokens, place, sources[0])
        words = {int(self.alike[tokens[i]]) for i in (*shared[place], *heads)} & meant
        here = [i for i in range(*question) if int(self.alike[tokens[i]]) in words]
        if here:
            found["question"].pairs.append((row, first - 1, tuple(here)))
        if behind:
            found["behind"].pairs.append((row, first - 1, tuple(behind)))
            found["begin"].pairs += [(row, i, (place,)) for i in behind]
        if heads:
            found["column"].pairs.append((row, place, heads))
        if before:
            found["context"].pairs.append((row, place, tuple(before)))
            found["first"].pairs.append((row, first - 1, (place,)))
        for step in range(1, len(answer)):
            found["next"].pairs.append((row, first - 1 + step, (place + step,)))

    def _shared(self, tokens: Ids, place: int, size: int, sources: tuple[int, int], meant: set[int]) -> list[int]:
        """Places of the sentence around an answer, outside it, whose words the question has too."""
        low, high = place, place + size
        while low > sources[0] and not self._ends(tokens, low - 1):
            low -= 1
        while high < sources[1] and not self._ends(tokens, high):
            high += 1
        around = [*range(low, place), *range(place + size, high)]
        return [i for i in around if int(self.alike[tokens[i]]) in meant]

    def _column_head(self, tokens: Ids, place: int, begin: int) -> tuple[int, ...]:
        """Places of the words over a cell at `place`: what stands between the same bars of the table's first line."""
        line = self._line(tokens, place, begin)
        column = int(self.bars[tokens[line:place]].sum())
        top, end = line, line
        while top > begin and self.bars[tokens[top]]:  # the first line of a source begins with its number
            above = self._line(tokens, top - 1, begin)
            if not self.bars[tokens[above:top]].any():
                break
            top, end = above, top
        edges = np.flatnonzero(self.bars[tokens[top:end]]) + top
        if not column or column >= len(edges):
            return ()
        return tuple(range(int(edges[column - 1]) + 1, int(edges[column])))

    def _line(self, tokens: Ids, place: int, begin: int) -> int:
        """Where the line of `place` begins; a line's break belongs to it."""
        while place > begin and not self.breaks[tokens[place - 1]]:
            place -= 1
        return place

    def _ends(self, tokens: Ids, place: int) -> bool:
        token = int(tokens[place])
        if self.breaks[token]:
            return True
        return bool(self.stops[token]) and place + 1 < len(tokens) and bool(self.spaced[int(tokens[place + 1])])


def runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches (begin, end) of `marked` places."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def occurrences(text: Ids, wanted: Ids, offset: int = 0) -> Iterator[int]:
    """Where `wanted` stands in `text`, counted from `offset`."""
    last = len(text) - len(wanted) + 1
    for place in np.flatnonzero(text[: max(0, last)] == wanted[0]):
        if (text[place : place + len(wanted)] == wanted).all():
            yield int(place) + offset


def told(heads: Mapping[int, Sequence[HeadAims]], missed: Sequence[Tensor]) -> dict[str, float]:
    """For the log: how far each guided head looks from where it should, by layer and head."""
    names = [f"missed_{layer}_{aim[0]}" for layer in sorted(heads) for aim in heads[layer]]
    return {name: float(value.detach()) for name, value in zip(names, missed, strict=True)}


def heads_of(
    aims: Mapping[str, Aims], length: int, layers: int, device: torch.device | str
) -> dict[int, list[HeadAims]]:
    """The aims of every guided head by layer, for rows of `length` and a network of so many `layers`."""
    found: dict[int, list[HeadAims]] = {}
    for role, own in aims.items():
        tensors = own.tensors(length, device)
        for layer, head in (one for one in HEADS[role] if one[0] < layers):
            found.setdefault(layer, []).append((head, *tensors))
    return found
