from collections import Counter
from collections.abc import Callable

import pytest

from loresmith.recipe import SplitConfig
from loresmith.records import UNANSWERABLE, Fact, Question
from loresmith.split.leaks import Known, leaks
from loresmith.split.sets import NOT_SAMPLED, OTHER_WORDING, TORN, Sets, divided

MakeCorpus = Callable[..., tuple[list[Fact], list[Question]]]

HELD = frozenset(f"b-{number}" for number in range(20))


@pytest.fixture
def sets(corpus: MakeCorpus) -> Sets:
    return divided(*corpus(a=60, b=20), HELD, SplitConfig(max_exam=30, validation=0.1))


def test_every_question_goes_to_exactly_one_place(sets: Sets, corpus: MakeCorpus) -> None:
    placed = [row.id for rows in sets.files().values() for row in rows] + [row.id for row, _ in sets.dropped]
    assert sorted(placed) == sorted(row.id for row in corpus(a=60, b=20)[1])


def test_recall_asks_trained_facts_in_one_wording_that_is_not_trained(sets: Sets) -> None:
    trained = {row.fact for row in sets.train}
    forms = Counter((row.fact, row.form) for row in sets.recall)
    assert len({row.fact for row in sets.recall}) == 30
    assert {row.fact for row in sets.recall} <= trained
    assert set(forms.values()) == {1}
    assert not {row.id for row in sets.recall} & {row.id for row in sets.train + sets.validation}


def test_the_choice_question_of_an_examined_fact_is_not_trained_and_others_are(sets: Sets) -> None:
    examined = {row.fact for row in sets.recall}
    choices = {row.fact for row in sets.train + sets.validation if row.form == "choice"}
    assert not choices & examined
    assert choices


def test_the_wording_held_back_is_drawn_by_lot(sets: Sets) -> None:
    assert len({row.wording for row in sets.recall if row.form == "short"}) == 4


def test_transfer_asks_only_held_out_facts_and_training_none_of_them(sets: Sets) -> None:
    assert {row.fact for row in sets.transfer} == HELD
    assert not HELD & {row.fact for row in sets.train + sets.validation + sets.recall}
    assert Counter(row.form for row in sets.transfer) == {"short": 20, "choice": 20}
    assert {reason for _, reason in sets.dropped} == {OTHER_WORDING}


def test_exams_are_capped_evenly_over_kinds(corpus: MakeCorpus) -> None:
    sets = divided(*corpus(a=60, b=20), HELD, SplitConfig(max_exam=9))
    for exam in (sets.recall, sets.transfer):
        assert set(Counter(row.kind for row in exam if row.form == "short").values()) == {3}
    assert Counter(reason for _, reason in sets.dropped)[NOT_SAMPLED] == 11 * 5


def test_validation_rows_are_of_trained_facts(sets: Sets) -> None:
    taught = len(sets.train) + len(sets.validation)
    assert len(sets.validation) == round(0.1 * taught)
    assert {row.fact for row in sets.validation} <= {row.fact for row in sets.train}


def test_validation_leaves_every_fact_a_row_to_learn_from(corpus: MakeCorpus) -> None:
    facts, rows = corpus(a=60)
    few = [row for row in rows if row.wording < 2]
    sets = divided(facts, few, frozenset(), SplitConfig(validation=0.3))
    assert {row.fact for row in sets.train} == {fact.id for fact in facts}


def test_without_validation_all_is_trained(corpus: MakeCorpus) -> None:
    assert divided(*corpus(a=60), frozenset(), SplitConfig(validation=0.0)).validation == []


def test_a_held_out_fact_that_training_quotes_is_moved_out(
    corpus: MakeCorpus,
) -> None:
    facts, rows = corpus(a=60, b=20)
    words = "these are thirteen words that stand in both of the two documents alike"
    rows = [
        row.model_copy(update={"quote": f"{row.quote} {words}"}) if row.fact in ("a-1", "b-7") else row for row in rows
    ]
    config = SplitConfig(max_exam=30)
    sets = divided(facts, rows, HELD, config)
    assert "b-7" not in {row.fact for row in sets.transfer}
    assert {(row.fact, reason) for row, reason in sets.dropped if reason != OTHER_WORDING} == {
        ("b-7", "too close to training: run of words")
    }
    assert list(leaks(sets.train, sets.recall + sets.transfer, config)) == []


def test_a_wording_that_another_row_repeats_is_not_held_back(
    corpus: MakeCorpus,
) -> None:
    facts, rows = corpus(a=60)
    twin = {row.wording: row.question for row in rows if row.fact == "a-1" and row.form == "short"}
    rows = [
        row.model_copy(update={"question": twin[row.wording]}) if row.fact == "a-2" and row.wording < 3 else row
        for row in rows
    ]
    sets = divided(facts, rows, frozenset(), SplitConfig())
    held = {row.fact: row.wording for row in sets.recall if row.form == "short"}
    assert held["a-1"] == held["a-2"] == 3


def test_the_order_of_the_corpus_is_kept(sets: Sets, corpus: MakeCorpus) -> None:
    order = {row.id: index for index, row in enumerate(corpus(a=60, b=20)[1])}
    for rows in sets.files().values():
        assert [order[row.id] for row in rows] == sorted(order[row.id] for row in rows)


def test_the_seed_decides(corpus: MakeCorpus) -> None:
    made = [divided(*corpus(a=60, b=20), HELD, SplitConfig(seed=seed)).files() for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_facts_on_both_sides_go_into_no_set(corpus: MakeCorpus) -> None:
    facts, rows = corpus(a=60, b=20)
    torn = frozenset({facts[0].id, facts[-1].id})
    sets = divided(facts, rows, HELD, SplitConfig(max_exam=30), torn=torn)
    assert not any(row.fact in torn for kept in sets.files().values() for row in kept)
    assert Counter(row.fact for row, reason in sets.dropped if reason == TORN) == dict.fromkeys(torn, 5)
    assert sum(map(len, sets.files().values())) + len(sets.dropped) == len(rows)


@pytest.fixture
def with_untold(corpus: MakeCorpus) -> tuple[list[Fact], list[Question]]:
    """Sixty facts, a third of which the documents do not answer."""
    facts, questions = corpus(a=40, b=20)
    untold = {fact.id for fact in facts if fact.kind == "cell"}
    changed = {"kind": UNANSWERABLE, "answer": "The sources do not say."}
    return (
        [fact.model_copy(update=changed) if fact.id in untold else fact for fact in facts],
        [row.model_copy(update=changed) if row.fact in untold else row for row in questions if row.form == "short"],
    )


def test_questions_without_an_answer_have_an_exam_of_their_own_and_are_taught_as_well(
    with_untold: tuple[list[Fact], list[Question]],
) -> None:
    sets = divided(*with_untold, HELD, SplitConfig(validation=0.1))
    taught = {row.fact for row in sets.train + sets.validation if row.kind == UNANSWERABLE}
    asked = {row.fact for row in sets.unanswerable}
    assert not any(row.kind == UNANSWERABLE for row in sets.recall + sets.transfer)
    assert taught and asked and not taught & asked
    assert {fact.id for fact in with_untold[0] if fact.kind == UNANSWERABLE} == taught | asked
    assert HELD & {fact.id for fact in with_untold[0] if fact.kind == UNANSWERABLE} <= asked
    assert Counter(row.fact for row in sets.unanswerable).most_common(1)[0][1] == 1


def test_a_quote_that_training_has_too_is_no_leak_of_a_question_that_it_does_not_answer(corpus: MakeCorpus) -> None:
    words = "The long list of valves that the plant in the old harbour of the town keeps has forty entries in all."
    _, questions = corpus(a=40, b=20)
    told = [row.model_copy(update={"quote": words}) for row in questions]
    untold = [row.model_copy(update={"kind": UNANSWERABLE, "fact": "other"}) for row in told]
    known = Known([row for row in told if row.fact == "a-1"], SplitConfig())
    assert known.shared_run(next(row for row in told if row.fact == "a-2")) is not None
    assert known.shared_run(untold[0]) is None
