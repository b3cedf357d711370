"""The rule teacher: facts and questions without a model.

It understands definitions, abbreviations, table cells, comparisons of cells, numbers, dates, doers, reasons, lists,
labelled lines and named subjects, in English, and asks for some that are not there. What it does not understand it
leaves alone.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from loresmith.generate.cells import cell_claims
from loresmith.generate.checks import is_sentence
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.cloze import cloze_claims
from loresmith.generate.comparisons import comparison_claims
from loresmith.generate.definitions import definition_claims
from loresmith.generate.distractors import options_for
from loresmith.generate.events import event_claims
from loresmith.generate.hops import Bridges
from loresmith.generate.listed import listed_claims
from loresmith.generate.lists import list_claims
from loresmith.generate.numbers import number_claims
from loresmith.generate.plain import gives_away
from loresmith.generate.questions import question_of
from loresmith.generate.reasons import reason_claims
from loresmith.generate.survey import Survey
from loresmith.generate.truth import truth_question
from loresmith.generate.unanswerable import Strangers
from loresmith.recipe import GenerateConfig
from loresmith.records import UNANSWERABLE, Chunk, Fact, Question

FINDERS: tuple[Callable[[Chunk], Iterable[Claim]], ...] = (
    definition_claims,
    event_claims,
    number_claims,
    listed_claims,
    cell_claims,
    cloze_claims,
    reason_claims,
)
"""In the order of trust: `cloze_claims` asks about the sentences that none before it understood."""
LONG_KINDS = ("definition", "reason")
"""What takes a sentence to say: the other kinds have values, names and lists for answers."""
_CHOICE = ("Choose the right answer. {}", "Which option is correct? {}", "Pick one option. {}")


class RuleTeacher:
    """Finds facts by patterns and words them by frames; deterministic, a few milliseconds a chunk."""

    name = "rules"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        self._config = config
        self._chunk: Chunk | None = None
        self._claims: dict[str, Claim] = {}
        self._survey: Survey | None = None
        self._bridges: Bridges | None = None
        self._strangers: Strangers | None = None

    def survey(self, chunks: Sequence[Chunk]) -> None:
        """Remember which tables are whole and what each document says; without it, a chunk is taken to stand alone."""
        self._survey = Survey(chunks)
        self._bridges = Bridges(chunks, self._survey)
        self._strangers = Strangers(chunks, self._survey) if self._config.unanswerable else None

    def facts(self, chunk: Chunk) -> Iterator[Fact]:
        """The facts of every finder; a sentence that a better finder understood is not made a cloze as well."""
        self._read(chunk)
        for claim in self._claims.values():
            yield fact_of(claim, chunk)

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterator[Question]:
        """`wordings` questions to answer in words; for a short answer one with options, for some a statement."""
        self._read(chunk)
        claim = self._claims.get(fact.id)
        if claim is None:
            return
        chosen = self._chosen(fact, claim.asked)
        for index, text in enumerate(chosen):
            yield question_of(fact, fact.form, index, text, method=self.name)
        if fact.kind == UNANSWERABLE or fact.form == "long":
            return  # among options, "the sources do not say" would be told by its looks, as a long answer by its length
        frame = _CHOICE[int(fact.id[:4], 16) % len(_CHOICE)]
        text = frame.format(chosen[0])
        options = options_for(fact, claim.rivals, neighbours, self._config.options, text)
        yield question_of(fact, "choice", 0, text, method=self.name, options=options)
        survey = self._survey or Survey([chunk])
        judged = truth_question(fact, claim, options, survey, self._config, method=self.name)
        if judged is not None:
            yield judged

    def _read(self, chunk: Chunk) -> None:
        if self._chunk is chunk:
            return
        self._chunk, self._claims = chunk, {}
        survey = self._survey or Survey([chunk])
        understood: set[str] = set()
        for finder in FINDERS:
            for claim in map(self._worded, finder(chunk)):
                if claim is None:
                    continue
                if claim.kind == "cloze" and claim.quote in understood:
                    continue
                understood.add(claim.quote)
                self._claims.setdefault(fact_of(claim, chunk).id, claim)
        single = list(self._claims.values())
        bridged = self._bridges.claims(chunk, single) if self._bridges is not None else ()
        untold = (
            self._strangers.claims(chunk, single, self._config.unanswerable, self._config.seed)
            if self._strangers is not None
            else ()
        )
        for claim in chain(list_claims(chunk, survey), comparison_claims(chunk, survey), bridged, untold):
            self._claims.setdefault(fact_of(claim, chunk).id, claim)

    def _worded(self, claim: Claim) -> Claim | None:
        """`claim` in its form; `None` where it needs a long answer and none is wanted."""
        if not self._config.long_answers:
            return None if claim.is_long else claim
        return replace(claim, is_long=claim.is_long or (claim.kind in LONG_KINDS and is_sentence(claim.answer)))

    def _chosen(self, fact: Fact, asked: Sequence[str]) -> list[str]:
        """The plainest wording and others by lot, so that a corpus shows every frame."""
        first, *rest = [text for text in dict.fromkeys(asked) if not gives_away(text, fact.answer)] or [asked[0]]
        lot = random.Random(f"{self._config.seed} {fact.id}").sample(rest, min(len(rest), self._config.wordings - 1))
        return [first, *sorted(lot, key=rest.index)]
