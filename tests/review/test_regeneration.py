"""Decisions outlive what they are about: the questions are made again, otherwise, and what was decided holds."""

import json
from typing import Any

import pytest

from loresmith import artifact
from loresmith.decisions import REVIEW
from loresmith.errors import NothingKept, UserError
from loresmith.pipeline import Project, survey
from loresmith.records import Fact
from loresmith.review.session import Review
from tests.review.workshop import STORE, VICE, VICE_QUOTE, decide, entry_of, made, questions_of, wordings

NEW = "How many kg does the vice of “The bench” hold?"


@pytest.fixture
def review(workshop: Project) -> Review:
    return Review(workshop.path)


def texts(project: Project) -> list[str]:
    return [row.question for row in questions_of(project)]


def dropped(project: Project) -> dict[str, str]:
    """Reason by question."""
    lines = (project.path / "questions" / "dropped.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return {row["question"]: row["reason"] for row in rows if "question" in row}


def test_a_rejected_row_goes_with_its_reason_and_the_counts_balance(workshop: Project, review: Review) -> None:
    decide(review, VICE, "reject", reason="too easy")
    made(workshop)
    assert VICE not in texts(workshop)
    assert dropped(workshop)[VICE] == "rejected in review"
    manifest = artifact.read(workshop.path / "questions", made_by="generate").manifest
    assert manifest.counts["read"] == manifest.counts["kept"] + manifest.counts["dropped"]
    assert manifest.reasons["rejected in review"] == 1
    assert manifest.notes["review"] == {"accept": 0, "edit": 0, "reject": 1, "without_row": 0, "torn_lines": 0}
    assert review.count().is_applied


def test_a_rejected_row_stays_out_under_another_seed(workshop: Project, review: Review) -> None:
    before = set(texts(workshop))
    decide(review, VICE, "reject")  # the plainest wording, which every seed asks
    made(workshop, seed=99)
    assert VICE not in texts(workshop)
    assert dropped(workshop)[VICE] == "rejected in review"
    assert len(before ^ set(texts(workshop))) > 10  # the seed did change the others


def test_a_rejected_row_stays_out_when_documents_come_and_when_its_own_changes(
    workshop: Project, review: Review
) -> None:
    decide(review, VICE, "reject")
    documents = workshop.path.parent / "documents-in"
    (documents / "store.md").write_text(STORE, encoding="utf-8")
    bench = documents / "bench.md"
    bench.write_text(bench.read_text(encoding="utf-8") + "\nThe broom stands in the corner.\n", encoding="utf-8")
    bench.rename(documents / "bench-2.md")
    made(workshop)
    assert {row.source for row in questions_of(workshop)} == {"bench-2.md", "store.md"}
    assert VICE not in texts(workshop)
    assert review.count().reject == 1


def test_an_edited_row_has_its_new_words_and_its_fact_keeps_the_others(workshop: Project, review: Review) -> None:
    others = wordings(workshop, VICE_QUOTE)[1:]
    decide(review, VICE, "edit", question=NEW)
    made(workshop)
    assert NEW in texts(workshop)
    assert VICE not in texts(workshop)
    assert set(wordings(workshop, VICE_QUOTE)) == {NEW, *others}
    row = next(row for row in questions_of(workshop) if row.question == NEW)
    assert (row.answer, row.quote) == ("40 kg", "A bench vice holds 40 kg.")


def test_an_edit_that_fails_a_check_costs_its_row(workshop: Project, review: Review) -> None:
    key = entry_of(review, VICE).row.key
    by_hand = {"key": key, "verdict": "edit", "question": "How many kg does it hold?"}
    (workshop.path / REVIEW).write_text(json.dumps(by_hand) + "\n")
    made(workshop)
    assert dropped(workshop)["How many kg does it hold?"] == "edited in review: question does not stand alone"
    assert VICE not in texts(workshop)
    left_out = entry_of(review, VICE).row.dropped
    assert left_out == "edited in review: question does not stand alone"


def test_an_accepted_row_makes_the_questions_anew_and_nothing_after_them(workshop: Project, review: Review) -> None:
    made(workshop, until="split")
    decide(review, VICE, "accept")
    steps = {step.stage.name: step.state for step in made(workshop, until="split")}
    assert (steps["generate"].kind, steps["generate"].why) == ("stale", "review.jsonl is new")
    assert steps["split"].kind == "fresh"


def test_every_new_decision_makes_the_questions_stale_and_says_why(workshop: Project, review: Review) -> None:
    decide(review, VICE, "accept")
    made(workshop)
    decide(review, VICE, "reject")
    found = {step.stage.name: step.state for step in survey(workshop)}
    assert (found["generate"].kind, found["generate"].why) == ("stale", "review.jsonl changed")
    steps = {step.stage.name: step.state for step in made(workshop)}
    assert steps["chunk"].kind == "fresh"
    assert {step.stage.name: step.state.kind for step in survey(workshop)}["generate"] == "fresh"


def test_the_list_is_the_same_before_and_after_the_decisions_are_applied(workshop: Project, review: Review) -> None:
    first, second, third, *_ = wordings(workshop, VICE_QUOTE)
    decide(review, first, "reject")
    decide(review, second, "edit", question=NEW)
    decide(review, third, "accept")
    before = [(entry.row.key, entry.verdict, entry.question.question) for entry in review.entries()]
    made(workshop)
    after = review.entries()
    assert [(entry.row.key, entry.verdict, entry.question.question) for entry in after] == before
    assert all(review.passages(entry.row) for entry in after)


def test_a_verdict_that_is_taken_back_brings_the_row_back(workshop: Project, review: Review) -> None:
    before = questions_of(workshop)
    decide(review, VICE, "reject")
    made(workshop)
    decide(review, VICE, "undecided")
    made(workshop)
    assert questions_of(workshop) == before


def test_a_fact_with_one_wording_left_goes_and_the_accepted_row_says_so(workshop: Project, review: Review) -> None:
    for text in wordings(workshop, VICE_QUOTE)[1:]:
        decide(review, text, "reject")
    decide(review, VICE, "accept")
    made(workshop)
    assert entry_of(review, VICE).row.dropped == "its fact has too few wordings"
    assert "40 kg" not in {fact.answer for fact in artifact.read_rows(
        workshop.path / "questions" / "facts.jsonl", Fact, made_by="generate"
    )}  # fmt: skip
    assert review.count().accept == 1


def test_a_decision_whose_row_is_gone_is_kept_and_counted(workshop: Project, review: Review) -> None:
    decide(review, VICE, "reject")
    documents = workshop.path.parent / "documents-in"
    (documents / "store.md").write_text(STORE, encoding="utf-8")
    (documents / "bench.md").rename(workshop.path.parent / "bench.md")
    made(workshop)
    assert (review.count().without_row, review.count().reject) == (1, 0)
    (workshop.path.parent / "bench.md").rename(documents / "bench.md")
    made(workshop)
    assert VICE not in texts(workshop)


def test_a_torn_line_stops_no_generation_and_is_noted(workshop: Project, review: Review) -> None:
    decide(review, VICE, "reject")
    with (workshop.path / REVIEW).open("ab") as file:
        file.write(b'{"key": "12')
    made(workshop)
    notes = artifact.read(workshop.path / "questions", made_by="generate").manifest.notes["review"]
    assert (notes["reject"], notes["torn_lines"]) == (1, 1)


def test_a_line_that_is_no_decision_stops_the_generation_and_leaves_the_old_questions(workshop: Project) -> None:
    before = texts(workshop)
    (workshop.path / REVIEW).write_text('{"key": "a", "verdict": "perhaps"}\n')
    with pytest.raises(UserError, match="line 1 is no decision"):
        made(workshop)
    assert texts(workshop) == before


def test_to_reject_everything_is_a_failure_that_says_so(workshop: Project, review: Review) -> None:
    for entry in review.entries():
        decide(review, entry.row.question.question, "reject")
    with pytest.raises(NothingKept, match="rejected in review"):
        made(workshop)
