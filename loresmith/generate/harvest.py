"""From chunks to checked facts and questions; everything that falls out is kept with its reason."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.collisions import collisions
from loresmith.generate.languages import LanguageCheck
from loresmith.generate.placing import Corpus
from loresmith.generate.spread import chosen_evenly
from loresmith.plugins import DoubtingTeacher, Teacher
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question

MOST_NEIGHBOURS = 140
"""Facts offered as sources of wrong options; the nearest of the document come first."""
RESERVE = 1.5
"""Facts worded for each that may be kept: some fall to the checks on their questions."""
FEWEST_WORDINGS = 2
COMBINED = 1 / 2
"""Facts with further evidence that a chunk may give on top of `facts_per_chunk`, as a share of it, rounded up."""


@dataclass
class Harvest:
    """What was found so far, in the order of the documents."""

    facts: list[Fact] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    dropped: list[tuple[Fact | Question, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    facts_read: int = 0
    questions_read: int = 0

    @property
    def read(self) -> int:
        """The questions that a teacher proposed, and the facts that gave none."""
        return self.questions_read + self.facts_read - len(self.facts)

    @property
    def pairs(self) -> int:
        """Questions kept that are answered in words; choices are the same facts asked once more and do not count."""
        return sum(question.form != "choice" for question in self.questions)


def gather(harvest: Harvest, facts: Iterable[Fact], chunk: Chunk, corpus: Corpus, config: GenerateConfig) -> None:
    """Add the sound ones of a chunk's `facts`: at most `facts_per_chunk`, and some that combine what others say."""
    sound: list[Fact] = []
    for proposed in facts:
        harvest.facts_read += 1
        fact = corpus.placed(proposed, chunk)
        if fact is None:
            harvest.dropped.append((proposed, "quote is not in its place in the document"))
        elif fact.id in harvest.seen:
            harvest.dropped.append((fact, "found before, where chunks overlap"))
        elif (reason := fact_fault(fact)) is not None:
            harvest.dropped.append((fact, reason))
        else:
            harvest.seen.add(fact.id)
            sound.append(fact)
    # combined facts come on top: a table's cells would lose their places to comparisons of the same cells
    combined = [fact for fact in sound if fact.also]
    chosen = [
        *_evenly([fact for fact in sound if not fact.also], config.facts_per_chunk, config.seed),
        *_evenly(combined, math.ceil(config.facts_per_chunk * COMBINED), config.seed),
    ]
    harvest.facts.extend(chosen)
    _drop_rest(harvest, sound, chosen, "more than facts_per_chunk")


def narrow(harvest: Harvest, most: int | None, seed: int) -> None:
    """Leave at most `most` facts, spread evenly over documents and kinds."""
    if most is None or len(harvest.facts) <= most:
        return
    before, harvest.facts = harvest.facts, _evenly(harvest.facts, most, seed)
    _drop_rest(harvest, before, harvest.facts, "more than max_facts")
    kept = {fact.id for fact in harvest.facts}
    harvest.dropped.extend((q, "its fact is more than max_facts") for q in harvest.questions if q.fact not in kept)
    harvest.questions = [question for question in harvest.questions if question.fact in kept]


def word(harvest: Harvest, teacher: Teacher, chunks: Mapping[str, Chunk], language: LanguageCheck) -> Iterator[Fact]:
    """Ask the teacher for questions on every fact; yields each fact when it is done."""
    by_document: defaultdict[str, list[Fact]] = defaultdict(list)
    by_kind: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in harvest.facts:
        by_document[fact.document].append(fact)
        by_kind[fact.kind].append(fact)
    doubting = teacher if isinstance(teacher, DoubtingTeacher) else None
    for fact in harvest.facts:
        neighbours = _neighbours(fact, by_document[fact.document], by_kind[fact.kind])
        for question in teacher.questions(fact, chunks[fact.chunk], neighbours):
            harvest.questions_read += 1
            question = _of_fact(question, fact)
            reason = question_fault(question) or language.fault(question, chunks[fact.chunk])
            reason = reason or (doubting.doubt(question) if doubting else None)
            if reason is None:
                harvest.questions.append(question)
            else:
                harvest.dropped.append((question, reason))
        yield fact


def settle(harvest: Harvest) -> None:
    """Drop questions that collide, then facts with too few wordings left and what was asked about them."""
    drop_questions(harvest, collisions(harvest.questions))


def drop_questions(harvest: Harvest, reasons: Mapping[str, str]) -> None:
    """Drop questions by id with their reasons, then facts with too few wordings left and what was asked about them."""
    harvest.dropped.extend((question, reasons[question.id]) for question in harvest.questions if question.id in reasons)
    harvest.questions = [question for question in harvest.questions if question.id not in reasons]
    wordings = Counter(question.fact for question in harvest.questions if question.form != "choice")
    harvest.dropped.extend((f, "too few wordings left") for f in harvest.facts if wordings[f.id] < FEWEST_WORDINGS)
    harvest.facts = [fact for fact in harvest.facts if wordings[fact.id] >= FEWEST_WORDINGS]
    kept = {fact.id for fact in harvest.facts}
    harvest.dropped.extend((q, "its fact has too few wordings") for q in harvest.questions if q.fact not in kept)
    harvest.questions = [question for question in harvest.questions if question.fact in kept]


def _evenly(facts: Sequence[Fact], most: int, seed: int) -> list[Fact]:
    return chosen_evenly(facts, most, lambda f: f"{seed} {f.id}", lambda f: f.document, lambda f: f.kind)


def _drop_rest(harvest: Harvest, facts: Iterable[Fact], chosen: Iterable[Fact], reason: str) -> None:
    kept = {fact.id for fact in chosen}
    harvest.dropped.extend((fact, reason) for fact in facts if fact.id not in kept)


def _neighbours(fact: Fact, of_document: Sequence[Fact], of_kind: Sequence[Fact]) -> list[Fact]:
    # combined facts repeat the answers of others, and would only take their places here
    lending = (other for other in of_document if other.id != fact.id and (not other.also or other.kind == fact.kind))
    near = sorted(lending, key=lambda other: abs(other.start - fact.start))
    far = [other for other in of_kind if other.document != fact.document]
    return [*near[:MOST_NEIGHBOURS], *far[:MOST_NEIGHBOURS]]


def _of_fact(question: Question, fact: Fact) -> Question:
    """The question with the place of its fact, whatever the teacher wrote there."""
    place = {"page": fact.page, "quote": fact.quote, "chunk": fact.chunk, "document": fact.document, "also": fact.also}
    return question.model_copy(update={"fact": fact.id} | place)
