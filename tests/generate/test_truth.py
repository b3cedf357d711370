from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from loresmith.generate.checks import question_fault
from loresmith.generate.claims import Claim
from loresmith.generate.collisions import collisions
from loresmith.generate.rules import RuleTeacher
from loresmith.generate.survey import Survey
from loresmith.generate.truth import KIND, truth_question
from loresmith.models import asked
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question

MakeChunk = Callable[..., Chunk]
ALL = GenerateConfig(true_false=1.0)
ROWS = "\n".join(f"| BR-{n} | {n}.5 | {n * 7} |" for n in range(3, 11))
TABLE = f"Table 4: Results.\n\n| Model | Pressure (bar) | Mass (kg) |\n|---|---|---|\n{ROWS}\n"


def judged(chunks: Iterable[Chunk], config: GenerateConfig = ALL) -> list[tuple[Fact, Question]]:
    teacher, found = RuleTeacher(config), []
    teacher.survey(list(chunks))
    for chunk in chunks:
        facts = list(teacher.facts(chunk))
        asked = ((fact, question) for fact in facts for question in teacher.questions(fact, chunk, facts))
        found += [(fact, question) for fact, question in asked if question.kind == KIND]
    return found


def fact_with(answer: str, chunk: Chunk) -> Fact:
    return next(fact for fact in RuleTeacher(ALL).facts(chunk) if fact.answer == answer)


def test_half_of_the_statements_are_true_and_the_seed_says_which(chunk_of: MakeChunk) -> None:
    made = [
        [question.answer for _, question in judged([chunk_of(TABLE)], GenerateConfig(true_false=1.0, seed=seed))]
        for seed in (1, 1, 2)
    ]
    assert made[0] == made[1] != made[2]
    assert 0.3 < Counter(made[0])["True"] / len(made[0]) < 0.7


def test_a_true_statement_says_the_answer_and_a_false_one_another_cell_of_the_column(chunk_of: MakeChunk) -> None:
    pressures, masses = {f"{n}.5" for n in range(3, 11)}, {str(n * 7) for n in range(3, 11)}
    cells = [pair for pair in judged([chunk_of(TABLE)]) if pair[0].kind == "cell"]
    assert len(cells) == 16
    for fact, question in cells:
        said = question.question.split(" gives ")[1].split(" for ")[0]
        assert (said == fact.answer) == (question.answer == "True")
        assert said in (pressures if fact.answer in pressures else masses)


def test_a_statement_is_a_choice_that_every_stage_can_ask(chunk_of: MakeChunk) -> None:
    fact, question = judged([chunk_of(TABLE)])[0]
    assert (question.form, question.options, question.fact) == ("choice", ("True", "False"), fact.id)
    assert question_fault(question) is None
    assert asked.expected(question) == {"True": "A", "False": "B"}[question.answer]
    assert question.question.startswith("True or false? Table 4 of “BERT” gives ")


def test_the_share_says_how_many_statements_there_are(chunk_of: MakeChunk) -> None:
    shares = [len(judged([chunk_of(TABLE)], GenerateConfig(true_false=share))) for share in (0.0, 0.5, 1.0)]
    assert shares[0] == 0 < shares[1] < shares[2]


def test_numbers_are_stated_with_the_document_that_says_so(chunk_of: MakeChunk) -> None:
    ((_, question),) = judged([chunk_of("The encoder has 6 identical layers.")])
    assert question.question.startswith(
        "True or false? According to the section “Training” of “BERT”, the encoder has "
    )


def test_a_value_that_the_document_may_give_elsewhere_makes_no_false_statement(chunk_of: MakeChunk) -> None:
    text = "BR-7 holds 12 springs. Some 14 springs hold the BR-7 valve."
    twelve = fact_with("12", chunk_of(text))
    survey = Survey([chunk_of(text)])
    claim = Claim("number", "", "", "12", (), stated="BR-7 holds ____ springs.", about=("BR-7", "springs"))
    assert truth_question(twelve, claim, ["12", "14"], survey, ALL, method="rules") is None
    seeds = (GenerateConfig(true_false=1.0, seed=seed) for seed in range(12))
    made = [truth_question(twelve, claim, ["12", "14", "15"], survey, config, method="rules") for config in seeds]
    said = Counter((row.question, row.answer) for row in made if row is not None)
    assert set(said) == {
        ("True or false? BR-7 holds 12 springs.", "True"),
        ("True or false? BR-7 holds 15 springs.", "False"),
    }


@pytest.mark.parametrize(("bound", "is_stated"), [("within", False), ("up to", False), ("exactly", True)])
def test_a_bound_that_other_values_keep_too_is_not_stated(chunk_of: MakeChunk, bound: str, is_stated: bool) -> None:
    twelve = fact_with("12", chunk_of("BR-7 holds 12 springs."))
    claim = Claim("number", "", "", "12", (), stated=f"BR-7 stays {bound} ____ springs.")
    made = truth_question(twelve, claim, ["12", "15"], Survey([]), ALL, method="rules")
    assert (made is not None) == is_stated


def test_definitions_are_not_stated(chunk_of: MakeChunk) -> None:
    assert judged([chunk_of("BERT is a model that reads both sides of a word.")]) == []


def test_a_statement_about_an_ambiguous_fact_goes_with_its_question(chunk_of: MakeChunk) -> None:
    first, second = chunk_of(TABLE), chunk_of(TABLE.replace("| 3.5 |", "| 3.9 |"), id="2", document="e" * 16)
    teacher = RuleTeacher(ALL)
    rows = []
    for chunk in (first, second):
        facts = list(teacher.facts(chunk))
        rows += [row for fact in facts for row in teacher.questions(fact, chunk, facts) if fact.kind == "cell"]
    reasons = collisions(rows)
    doubted = {row.fact for row in rows if reasons.get(row.id, "").startswith("ambiguous") and row.form == "short"}
    stated = [row for row in rows if row.kind == KIND and row.fact in doubted]
    assert len(stated) == 2
    assert all(row.id in reasons for row in stated)
