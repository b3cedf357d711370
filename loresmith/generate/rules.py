"""The rule teacher: facts and questions without a model.

It understands definitions, abbreviations, table cells, numbers, dates, doers, labelled lines and named subjects, in
English. What it does not understand it leaves alone.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence

from loresmith.generate.cells import cell_claims
from loresmith.generate.checks import gives_away
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.cloze import cloze_claims
from loresmith.generate.definitions import definition_claims
from loresmith.generate.distractors import options_for
from loresmith.generate.events import event_claims
from loresmith.generate.listed import listed_claims
from loresmith.generate.numbers import number_claims
from loresmith.generate.questions import question_of
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question

FINDERS: tuple[Callable[[Chunk], Iterable[Claim]], ...] = (
    definition_claims,
    event_claims,
    number_claims,
    listed_claims,
    cell_claims,
    cloze_claims,
)
_CHOICE = ("Choose the right answer. {}", "Which option is correct? {}", "Pick one option. {}")


class RuleTeacher:
    """Finds facts by patterns and words them by frames; deterministic, a few milliseconds a chunk."""

    name = "rules"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        self._config = config
        self._chunk: Chunk | None = None
        self._claims: dict[str, Claim] = {}

    def facts(self, chunk: Chunk) -> Iterator[Fact]:
        """The facts of every finder; a sentence that a better finder understood is not made a cloze as well."""
        self._read(chunk)
        for claim in self._claims.values():
            yield fact_of(claim, chunk)

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterator[Question]:
        """`wordings` short-answer questions and one with options, if there are enough wrong ones."""
        self._read(chunk)
        claim = self._claims.get(fact.id)
        if claim is None:
            return
        chosen = self._chosen(fact, claim.asked)
        for index, text in enumerate(chosen):
            yield question_of(fact, "short", index, text, method=self.name)
        frame = _CHOICE[int(fact.id[:4], 16) % len(_CHOICE)]
        text = frame.format(chosen[0])
        options = options_for(fact, claim.rivals, neighbours, self._config.options, text)
        yield question_of(fact, "choice", 0, text, method=self.name, options=options)

    def _read(self, chunk: Chunk) -> None:
        if self._chunk is chunk:
            return
        self._chunk, self._claims = chunk, {}
        understood: set[str] = set()
        for finder in FINDERS:
            for claim in finder(chunk):
                if claim.kind == "cloze" and claim.quote in understood:
                    continue
                understood.add(claim.quote)
                self._claims.setdefault(fact_of(claim, chunk).id, claim)

    def _chosen(self, fact: Fact, asked: Sequence[str]) -> list[str]:
        """The plainest wording and others by lot, so that a corpus shows every frame."""
        first, *rest = [text for text in dict.fromkeys(asked) if not gives_away(text, fact.answer)] or [asked[0]]
        lot = random.Random(f"{self._config.seed} {fact.id}").sample(rest, min(len(rest), self._config.wordings - 1))
        return [first, *sorted(lot, key=rest.index)]
