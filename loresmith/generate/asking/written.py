"""What a model wrote, as facts and questions like any teacher's: quotes found in the chunk, wordings in order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loresmith.generate.asking.prompt import KINDS
from loresmith.generate.asking.reading import WrittenFact
from loresmith.generate.checks import is_sentence
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.distractors import options_for
from loresmith.generate.plain import comparable, gives_away, occurs
from loresmith.generate.questions import question_of
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Manner, Question

CHOOSE = "Choose the right answer. "
"""Before the wording that a multiple-choice question repeats."""


class Written:
    """What a model wrote, by chunk."""

    def __init__(self, config: GenerateConfig, method: str) -> None:
        self._config, self._method = config, method
        self._by_chunk: dict[str, list[Claim]] = {}
        self._manners: dict[str, Manner | None] = {}
        self._by_fact: dict[str, tuple[Claim, Manner | None]] = {}

    def add(self, chunk: Chunk, facts: Iterable[WrittenFact], manner: Manner | None = None) -> None:
        """Take what was written about `chunk` in the `manner` that was wished."""
        self._by_chunk[chunk.id] = [self._claim(fact, chunk) for fact in facts]
        self._manners[chunk.id] = manner

    def facts(self, chunk: Chunk) -> Iterator[Fact]:
        """The facts of the chunk in the order in which the model gave them; none when it was not asked."""
        for claim in self._by_chunk.get(chunk.id, []):
            fact = fact_of(claim, chunk)
            self._by_fact.setdefault(fact.id, (claim, self._manners[chunk.id]))
            yield fact

    def questions(self, fact: Fact, neighbours: Sequence[Fact]) -> Iterator[Question]:
        """The wordings, those that do not give the answer away first, and for a short answer one with options."""
        claim, manner = self._by_fact[fact.id]
        for question in self._worded(fact, claim, neighbours):
            yield question.model_copy(update={"manner": manner})

    def _claim(self, fact: WrittenFact, chunk: Chunk) -> Claim:
        claim = _claim(fact, chunk)
        # a model's own words for a long answer are no reference: only those of the document are
        is_said = occurs(comparable(claim.answer), comparable(claim.quote))
        is_long = self._config.long_answers and is_said and is_sentence(claim.answer)
        return replace(claim, is_long=is_long)

    def _worded(self, fact: Fact, claim: Claim, neighbours: Sequence[Fact]) -> Iterator[Question]:
        asked = sorted(claim.asked, key=lambda text: gives_away(text, fact.answer))[: self._config.wordings]
        for index, text in enumerate(asked):
            yield question_of(fact, fact.form, index, text, method=self._method)
        if asked and fact.form == "short":
            text = f"{CHOOSE}{asked[0]}"
            options = options_for(fact, claim.rivals, neighbours, self._config.options, text)
            yield question_of(fact, "choice", 0, text, method=self._method, options=options)


def verbatim(quote: str, text: str) -> str:
    """The words of `quote` as they stand in `text`, where only white space differs; else `quote` itself."""
    words = quote.split()
    if quote in text or not words:
        return quote
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return found[0] if found else quote


def _claim(fact: WrittenFact, chunk: Chunk) -> Claim:
    asked: dict[str, str] = {}
    for text in fact.questions:
        asked.setdefault(" ".join(text.split()).casefold(), " ".join(text.split()))
    return Claim(
        kind=fact.kind if fact.kind in KINDS else "other",
        quote=verbatim(fact.quote.strip(), chunk.text),
        subject=" ".join(fact.subject.split()),
        answer=" ".join(fact.answer.split()),
        asked=tuple(text for text in asked.values() if text),
        rivals=tuple(" ".join(text.split()) for text in fact.wrong_answers if text.strip()),
    )
