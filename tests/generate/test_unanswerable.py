from collections.abc import Callable, Sequence

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.rules import RuleTeacher
from loresmith.models.prompts import REFUSAL
from loresmith.recipe import GenerateConfig
from loresmith.records import UNANSWERABLE, Chunk, Fact, Question

MakeChunk = Callable[..., Chunk]
ALL = GenerateConfig(unanswerable=1.0, true_false=0.0)
BRIDGES = (
    "Table 1: Bridges.\n\n| Bridge | Length (m) | Cost |\n|---|---|---|\n| Ostby | 310 | 12 |\n| Tarn-2 | 95 | - |\n"
)
PUMPS = "Table 2: Pumps.\n\n| Pump | Flow (l/s) |\n|---|---|\n| Quern-7 | 14 |\n| Ostby | 22 |\n| Pellan X | 9 |\n"


def untold(chunks: Sequence[Chunk], config: GenerateConfig = ALL) -> list[tuple[Fact, list[Question]]]:
    teacher, found = RuleTeacher(config), []
    teacher.survey(chunks)
    for chunk in chunks:
        facts = list(teacher.facts(chunk))
        found += [(fact, list(teacher.questions(fact, chunk, facts))) for fact in facts if fact.kind == UNANSWERABLE]
    return found


@pytest.fixture
def tables(chunk_of: MakeChunk) -> list[Chunk]:
    return [chunk_of(BRIDGES, id="bridges"), chunk_of(PUMPS, id="pumps", start=900, end=900 + len(PUMPS))]


def test_a_cell_left_open_is_asked_with_its_own_row_as_evidence(tables: list[Chunk]) -> None:
    ((fact, questions),) = [pair for pair in untold(tables) if pair[0].subject.startswith("Cost of Tarn-2")]
    assert fact.quote == "| Tarn-2 | 95 | - |"
    assert fact.answer == REFUSAL
    assert len(questions) >= 2
    assert all("Tarn-2" in question.question and question.answer == REFUSAL for question in questions)


def test_only_rows_that_the_table_lacks_are_asked_of_it(tables: list[Chunk]) -> None:
    asked = {
        fact.subject: fact
        for fact, _ in untold(tables)
        if fact.chunk == "bridges" and "Cost of Tarn-2" not in fact.subject
    }
    names = {subject.split(" of ")[1].split(" in ")[0] for subject in asked}
    assert names
    assert names <= {"Quern-7", "Pellan X"}


def test_a_table_of_which_only_a_part_is_seen_is_not_asked_for_what_the_part_lacks(chunk_of: MakeChunk) -> None:
    rows = "".join(f"| Quern-{n} | {n} |\n" for n in range(20, 24))
    pieces = [
        chunk_of("| Pump | Flow |\n|---|---|\n| Quern-7 | 14 |\n| Pellan X | 9 |\n", id="one", end=70),
        chunk_of(f"| Pump | Flow |\n|---|---|\n{rows}", id="two", start=71, end=200),
        chunk_of(BRIDGES, id="bridges", start=900, end=1000),
    ]
    assert {fact.chunk for fact, _ in untold(pieces)} == {"bridges"}


SAID = "The Ostby bridge opened late. Quern-7 has 24 valves. Pellan has 6 doors. In 1931 Tarn-2 got 12 valves of brass."


def test_a_statement_is_asked_of_another_subject_of_which_no_document_tells_it(chunk_of: MakeChunk) -> None:
    chunks = [chunk_of(SAID, id="said"), chunk_of(PUMPS, id="pumps", start=900, end=1000)]
    found = {fact.subject: (fact, asked) for fact, asked in untold(chunks) if fact.chunk == "said"}
    assert found
    for fact, asked in found.values():
        assert fact.answer == REFUSAL
        assert fact.quote in SAID
        assert all(fact.subject in question.question for question in asked)
        assert fact.subject not in fact.quote


def test_a_subject_of_which_a_document_tells_it_is_not_taken(chunk_of: MakeChunk) -> None:
    told = "Quern-7 has 24 valves. Pellan has 31 valves. Tarn-2 uses 8 valves."
    swapped = [pair for pair in untold([chunk_of(told, id="said")]) if pair[0].chunk == "said"]
    assert swapped == []


def test_a_long_label_is_no_subject_of_a_statement_and_titles_keep_their_names(chunk_of: MakeChunk) -> None:
    rows = "".join(f"| Quern Pump Of Size {n} | {n} |\n" for n in range(2, 9))
    labels = chunk_of(f"| Pump | Flow |\n|---|---|\n{rows}", id="labels", start=900, end=1000)
    said = [chunk_of("Tarn-2 has 24 valves.", id="said", title="Tarn-2", headings=("Tarn-2",))]
    assert [pair for pair in untold([*said, labels]) if pair[0].chunk == "said"] == []
    named = chunk_of("Ostby-3 has 3 doors.", id="named", start=2000, end=2020)
    ((fact, asked),) = [pair for pair in untold([*said, named]) if pair[0].chunk == "said"]
    assert fact.subject == "Ostby-3"
    assert not any("“Ostby-3”" in question.question for question in asked)


def test_the_share_says_how_many_are_asked_and_none_for_zero(tables: list[Chunk]) -> None:
    assert untold(tables, GenerateConfig(unanswerable=0.0)) == []
    assert 0 < len(untold(tables, GenerateConfig(unanswerable=0.4, seed=3))) < len(untold(tables))


def test_the_checks_let_a_refusal_pass_and_nothing_else(tables: list[Chunk]) -> None:
    for fact, questions in untold(tables):
        assert fact_fault(fact) is None
        assert fact_fault(fact.model_copy(update={"answer": "12"})) == "unanswerable, but answered"
        assert [question_fault(question) for question in questions] == [None] * len(questions)
