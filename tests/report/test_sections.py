"""Sections on a made-up project: what they must say, and what they must not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from loresmith.artifact import Artifact, Draft
from loresmith.records import Grade
from loresmith.report import cost, examples, learning, next_steps, outcome, provenance, reading, shipping
from loresmith.report.compose import compose
from loresmith.report.content import Command, Examples, Facts, Picture, Points, Prose, Section, Table
from loresmith.report.exam import Exam
from loresmith.report.material import Material

Remake = Callable[[str, Callable[[Draft], None]], Artifact]


def with_exam(material: Material, **changes: Any) -> Material:
    """The material with another verdict; a cached property may be set once."""
    assert material.exam is not None
    other = Material(material.settings, material.parents)
    verdict = material.exam.verdict.model_copy(update=changes)
    other.__dict__["exam"] = material.exam.model_copy(update={"verdict": verdict})
    return other


def with_parity(material: Material, **changes: Any) -> Material:
    other = Material(material.settings, material.parents)
    other.__dict__["parity"] = {**(material.parity or {}), **changes}
    return other


def there(section: Section | None) -> Section:
    assert section is not None
    return section


def tables(section: Section) -> dict[str, Table]:
    return {block.caption: block for block in section.blocks if isinstance(block, Table)}


def commands(section: Section) -> list[str]:
    return [block.line for block in section.blocks if isinstance(block, Command)]


def test_the_table_of_documents_counts_questions_and_lists_what_was_set_aside(material: Material, hostile: str) -> None:
    section = there(reading.documents(material))
    assert section.lead == "10 documents read (60 numbered pages, 20,000 characters of Markdown); 1 set aside."
    assert tables(section)["Documents read"].rows[3][5] == "64"
    assert tables(section)["Documents set aside"].rows == ((f"broken/{hostile}.pdf", "encrypted"),)
    assert any(isinstance(b, Prose) and "papers/paper-03.pdf: 2, 5" in b.text for b in section.blocks)


def test_drops_are_listed_by_reason_the_most_frequent_first(material: Material) -> None:
    section = there(reading.questions(material))
    rows = tables(section)["Facts and questions dropped, by reason"].rows
    assert rows == (("duplicate", "120"), ("number not in quote", "52"), ("answer in question", "40"))
    assert tables(section)["Passages dropped, by reason"].rows == (("reference list", "7"),)


def test_what_retrieval_finds_is_shown_by_kind_where_it_was_searched_for(material: Material, remake: Remake) -> None:
    caption = "Questions whose passage is among the first 10 that retrieval finds"
    assert caption not in tables(there(reading.questions(material)))
    kinds = {"cell": {"questions": 4, "found": 3}, "date": {"questions": 1, "found": 1}}
    note = {"first": 10, "questions": 5, "found": 4, "kinds": kinds}
    made = remake("generate", lambda draft: draft.notes.update(retrievable=note))
    other = Material(material.settings, {**material.parents, "generate": made})
    rows = tables(there(reading.questions(other)))[caption].rows
    assert rows == (("cell", "4", "3", "75.0%"), ("date", "1", "1", "100.0%"), ("all", "5", "4", "80.0%"))


def test_the_numbers_stand_beside_the_picture_for_every_arm_exam_and_form(material: Material) -> None:
    section = there(outcome.arms(material))
    (picture,) = (block for block in section.blocks if isinstance(block, Picture))
    assert len(picture.panels) == 4
    rows = tables(section)["The same in numbers"].rows
    assert len(rows) == 16
    assert all(row[6] == "40" for row in rows)


def test_chance_is_that_of_the_options_shown(material: Material) -> None:
    assert outcome._chance(material, "recall") == pytest.approx(0.25)
    section = there(outcome.arms(material))
    (picture,) = (block for block in section.blocks if isinstance(block, Picture))
    assert [">chance<" in panel for panel in picture.panels] == [False, True, False, True]


def test_a_difference_that_may_be_chance_is_said_to_be(material: Material) -> None:
    lead = there(outcome.added(material)).lead
    assert "with the adapter +1.2 on transfer, which may be chance" in lead
    assert "with adapter and sources +70.0 on recall;" in lead


def test_examples_are_won_or_lost_as_they_claim_and_taken_in_turn(material: Material) -> None:
    blocks = [block for block in there(examples.examples(material)).blocks if isinstance(block, Examples)]
    assert [block.caption.split(":")[0] for block in blocks] == [
        "Won with the adapter",
        "Lost with the adapter",
        "Won with adapter and sources",
        "Lost with adapter and sources",
    ]
    for block in blocks:
        marks = {(example.said[0].correct, example.said[1].correct) for example in block.items}
        assert marks == {(False, True) if block.caption.startswith("Won") else (True, False)}
    assert len({example.source for example in blocks[0].items}) == 4
    assert all(len(example.quote) <= examples.LONGEST for block in blocks for example in block.items)


def test_nothing_lost_is_said_and_not_left_out(material: Material) -> None:
    kind = Material(material.settings, material.parents)
    kind.__dict__["all_grades"] = [
        grade.model_copy(update={"correct": True}) if grade.arm == "lora" else grade for grade in material.grades
    ]
    texts = [block.text for block in there(examples.examples(kind)).blocks if isinstance(block, Prose)]
    assert texts == ["Lost with the adapter: 0 questions."]


def test_taking_in_turn_visits_each_document_before_any_a_second_time(material: Material) -> None:
    recall = [grade for grade in material.grades if grade.exam == "recall" and grade.arm == "base"]
    taken = examples.in_turn([(grade, grade) for grade in recall], 12)
    documents = [new.document for _, new in taken]
    assert len(set(documents[:10])) == 10
    assert documents[10:] == documents[:2]
    assert examples.in_turn([], 3) == []


def test_a_long_answer_is_cut_with_an_ellipsis() -> None:
    assert examples.short("word " * 200).endswith("…")
    assert examples.short(" two\n lines ") == "two lines"


def test_a_failed_parity_warns_and_says_not_to_ship(material: Material) -> None:
    failed = with_parity(material, passed=False, reasons=["The file and the merged model agree on 10 of 40 choices."])
    section = there(shipping.shipped(failed))
    assert "Do not ship it." in section.lead
    assert any(isinstance(b, Points) and b.tone == "warning" and "10 of 40" in b.items[0] for b in section.blocks)
    assert "passed the parity exam" in there(shipping.shipped(material)).lead
    assert commands(next_steps.next_steps(failed))[0] == "loresmith export ."


def test_the_importance_of_columns_is_told_with_what_it_was_measured_on(material: Material) -> None:
    facts = [
        item for block in there(shipping.shipped(material)).blocks if isinstance(block, Facts) for item in block.items
    ]
    assert ("Importance of columns", "measured on 600 tokens of 12 training conversations") in facts


def test_a_file_without_a_parity_exam_is_not_called_equal(material: Material) -> None:
    without = {stage: made for stage, made in material.parents.items() if stage != "parity"}
    section = there(shipping.shipped(Material(material.settings, without)))
    assert section.lead == "The exported file was not examined."


def test_the_suggested_question_can_not_reach_the_shell(material: Material) -> None:
    (asked,) = (line for line in commands(next_steps.next_steps(material)) if line.startswith("loresmith ask"))
    assert asked == "loresmith ask . 'What is valve 1 in papers/paper-00.pdf rated?'"
    hostile = Material(material.settings, material.parents)
    question = next(iter(material.questions.values()))
    bad = question.model_copy(update={"question": "Is it '; rm -rf / #? $(reboot) `x`"})
    hostile.__dict__["questions"] = {"q": bad}
    assert "loresmith ask . 'your question'" in commands(next_steps.next_steps(hostile))


@pytest.mark.parametrize(
    ("decision", "needed", "word"), [("unclear", 1300, "up to 1,300"), ("none", None, "larger base model")]
)
def test_an_open_verdict_leads_to_a_way_on(material: Material, decision: str, needed: int | None, word: str) -> None:
    section = next_steps.next_steps(with_exam(material, decision=decision, questions_needed=needed))
    first = section.blocks[0]
    assert isinstance(first, Command)
    assert word in first.why


def test_a_rehearsal_ends_with_the_run_for_real(material: Material) -> None:
    rehearsal = next_steps.next_steps(material)
    assert commands(rehearsal)[-1] == "loresmith run RECIPE.yaml"
    real = next_steps.next_steps(replace(material, settings=material.settings.model_copy(update={"rehearsed": False})))
    assert "loresmith run RECIPE.yaml" not in commands(real)
    tops = [next_steps.first(section) for section in (rehearsal, real)]
    assert [top.line.split()[1] for top in tops if top] == ["run", "ask"]


def test_a_remedy_stands_on_top_even_of_a_rehearsal(material: Material) -> None:
    top = next_steps.first(next_steps.next_steps(with_parity(material, passed=False)))
    assert top is not None
    assert top.line == "loresmith export ."
    assert compose(with_parity(material, passed=False)).next == top


def test_a_validation_loss_that_rises_is_pointed_out(material: Material, remake: Remake) -> None:
    def rising(draft: Draft) -> None:
        lines = [
            '{"step": 1, "loss": 2.0}',
            '{"step": 1, "validation_loss": 1.0}',
            '{"step": 2, "validation_loss": 1.5}',
        ]
        (draft.path / "log.jsonl").write_text("\n".join(lines), encoding="utf-8")

    other = Material(material.settings, {**material.parents, "train": remake("train", rising)})
    notes = [block for block in there(learning.training(other)).blocks if isinstance(block, Prose)]
    assert "lowest at step 1 (1.00)" in notes[0].text
    assert not any(isinstance(block, Prose) for block in there(learning.training(material)).blocks)


def test_exams_on_the_way_and_the_learning_rate_are_curves(material: Material, remake: Remake) -> None:
    def examined(draft: Draft) -> None:
        lines = [
            '{"step": 10, "loss": 2.0, "learning_rate": 0.0002}',
            '{"step": 20, "loss": 1.0, "learning_rate": 5e-05}',
        ]
        (draft.path / "log.jsonl").write_text("\n".join(lines), encoding="utf-8")
        lines = ['{"step": 0, "recall": 0.0, "general": 0.8}', '{"step": 20, "recall": 0.5, "general": 0.75}']
        (draft.path / "exams.jsonl").write_text("\n".join(lines), encoding="utf-8")

    other = Material(material.settings, {**material.parents, "train": remake("train", examined)})
    pictures = {b.caption: b for b in there(learning.training(other)).blocks if isinstance(b, Picture)}
    assert pictures["Short exams on the way"].text == "questions: 0.00 → 0.50 right\ngeneral: 0.80 → 0.75 right"
    assert pictures["Learning rate"].text == "learning rate: at most 0.0002, at the end 5e-05"
    captions = {b.caption for b in there(learning.training(material)).blocks if isinstance(b, Picture)}
    assert captions == {"Loss over the training"}


def test_provenance_names_every_stage_with_its_hash_and_its_cost(material: Material) -> None:
    section = provenance.provenance(material)
    stages, costs = tables(section)["Stages"], tables(there(cost.cost(material)))["What each stage cost"]
    assert [row[0] for row in stages.rows] == list(material.parents)
    assert stages.rows[0][1] == material.parents["ingest"].manifest.content[:12]
    assert [row[0] for row in costs.rows] == [*material.parents, "together"]
    assert costs.timed
    assert not stages.timed
    hashes = tables(section)["Documents and their sha256"].rows
    assert hashes[1] == ("papers/paper-01.pdf", "01" * 32)


def test_tokens_stand_beside_seconds_where_they_were_counted(material: Material, remake: Remake) -> None:
    paid = {"prompt_tokens": 12_000, "completion_tokens": 3_400, "money": 1.25}
    taught = remake("generate", lambda draft: draft.notes.update(teacher=paid))
    section = there(cost.cost(Material(material.settings, {**material.parents, "generate": taught})))
    rows = {row[0]: row for row in tables(section)["What each stage cost"].rows}
    assert rows["train"][5] == "180,000 seen"
    assert rows["generate"][5] == "12,000 read, 3,400 written"
    assert rows["index"][5] == "–"
    (said, _) = (block for block in section.blocks if isinstance(block, Prose))
    assert "The teacher's answers cost 1.25" in said.text
    assert said.timed


def test_an_examination_of_one_arm_is_shown_without_comparisons(material: Material) -> None:
    assert material.exam is not None
    alone = Exam(
        cells=tuple(cell for cell in material.exam.cells if cell.arm == "base"),
        pairs=(),
        parts=(),
        retrieval=(),
        limited=(),
        verdict=material.exam.verdict,
    )
    other = Material(material.settings, material.parents)
    other.__dict__["exam"] = alone
    alone_sat = [grade for grade in material.grades if isinstance(grade, Grade) and grade.arm == "base"]
    other.__dict__["grades"] = other.__dict__["all_grades"] = alone_sat
    assert outcome.added(other) is None
    assert examples.examples(other) is None
    assert len(tables(there(outcome.arms(other)))["The same in numbers"].rows) == 4


@pytest.mark.parametrize(
    ("fallen", "said", "tone"),
    [([], "87.5% right before training, 85.0%", "plain"), ([50, 100], "step 50, 100", "note")],
)
def test_exams_on_the_way_are_told_and_forgetting_is_a_note(
    fallen: list[int], said: str, tone: str, material: Material
) -> None:
    exams = {"exams": 3, "kept_step": 50, "exam_general": 0.85, "exam_general_before": 0.875, "forgot_at": fallen}
    found = material.parents["train"]
    manifest = found.manifest.model_copy(update={"notes": {**found.manifest.notes, **exams}})
    watched = replace(material, parents={**material.parents, "train": replace(found, manifest=manifest)})
    section = there(learning.training(watched))
    (told,) = [block for block in section.blocks if isinstance(block, Prose) and "General" in block.text.title()]
    assert said in told.text
    assert told.tone == tone
    facts = [item for block in section.blocks if isinstance(block, Facts) for item in block.items]
    assert ("Step that was kept", "50") in facts
