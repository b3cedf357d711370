"""Which questions are asked, and in which batches."""

from collections import Counter
from collections.abc import Callable

import pytest

from loresmith.evaluate import paper
from loresmith.records import Question

Questions = Callable[[str], list[Question]]


def test_there_is_one_sheet_for_each_exam_and_form_that_has_questions(questions: Questions) -> None:
    short_only = [question for question in questions("transfer") if question.form == "short"]
    sheets = paper.sheets({"transfer": short_only, "recall": questions("recall")}, None)
    assert [(sheet.exam, sheet.form) for sheet in sheets] == [
        ("recall", "short"),
        ("recall", "choice"),
        ("transfer", "short"),
    ]
    assert paper.sheets({"recall": []}, None) == []


@pytest.mark.parametrize("limit", [1, 5, 9, 18, 26])
def test_a_limit_takes_from_every_document_its_share(questions: Questions, limit: int) -> None:
    asked = [question for question in questions("recall") if question.form == "short"]  # 3 from each of 9 documents
    taken = paper.evenly(asked, limit)
    counts = Counter(question.document for question in taken)
    assert len(taken) == limit
    assert max(counts.values()) - min(counts.get(question.document, 0) for question in asked) <= 1
    assert [question for question in asked if question in taken] == taken


def test_a_limit_that_cuts_is_marked_and_one_that_does_not_is_not(questions: Questions) -> None:
    cut = paper.limits(paper.sheets({"recall": questions("recall")}, 12))
    assert [(mark.form, mark.asked, mark.available) for mark in cut] == [("short", 12, 27)]


def test_every_question_is_in_one_batch_whose_size_is_bounded(questions: Questions) -> None:
    sheets = paper.sheets({"recall": questions("recall")}, None)
    batches = paper.batches(sheets, "rag", {}, 8)
    asked = [question.id for batch in batches for question in batch.questions]
    assert sorted(asked) == sorted(question.id for question in questions("recall"))
    assert max(len(batch.questions) for batch in batches) == 8
    assert len({batch.name for batch in batches}) == len(batches)


def test_questions_with_long_sources_are_asked_together(questions: Questions) -> None:
    sheets = paper.sheets({"recall": questions("recall")}, None)
    long = {"recall-short-03": 900, "recall-short-11": 800, "recall-short-20": 1000}
    last_short = paper.batches(sheets, "rag", long, 3)[8]
    assert {question.id for question in last_short.questions} == long.keys()
