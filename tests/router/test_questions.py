from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.recipe import SplitConfig
from loresmith.recipe.experts import RouterConfig
from loresmith.records import UNANSWERABLE, Question
from loresmith.router.questions import exam, lessons
from tests.router.roster import question, rows


def split(folder: Path, **files: list[Question]) -> Artifact:
    with artifact.create(folder, Plan("split", SplitConfig())) as draft:
        for name, questions in files.items():
            for row in questions:
                draft.keep(row, f"{name}.jsonl")
    return artifact.read(folder, made_by="split")


def documents_of(texts: tuple[str, ...]) -> set[str]:
    return {row.document for row in rows("kitchen") if row.question in texts}


def test_no_document_both_teaches_and_calibrates(tmp_path: Path) -> None:
    found = lessons("kitchen", split(tmp_path / "s", train=rows("kitchen")), {}, RouterConfig(calibration=0.45))
    learned, held_out = documents_of(found.learned), documents_of(found.held_out)
    assert learned | held_out == {row.document for row in rows("kitchen")}
    assert not learned & held_out
    assert len(held_out) == 6


def test_of_few_documents_sections_calibrate(tmp_path: Path) -> None:
    few = [row for row in rows("kitchen") if row.document in ("kitchen-bread", "kitchen-soup")]
    many = [
        question("one", f"{row.fact} {turn}", row.wording, f"{row.question} {turn}")
        for row in few
        for turn in range(10)
    ]
    sections = {row.chunk: f"section {row.fact.rpartition(' ')[2]}" for row in many}
    found = lessons("kitchen", split(tmp_path / "s", train=many), sections, RouterConfig(calibration=0.4))
    parts = [{text.rpartition(" ")[2] for text in texts} for texts in (found.learned, found.held_out)]
    assert not parts[0] & parts[1]
    assert len(parts[1]) == 4


def test_first_wordings_of_all_facts_come_before_a_second_of_any(tmp_path: Path) -> None:
    config = RouterConfig(calibration=0.45, most_questions=24)
    found = lessons("kitchen", split(tmp_path / "s", train=rows("kitchen")), {}, config)
    facts = [row.fact for text in found.learned for row in rows("kitchen") if row.question == text]
    assert len(set(facts)) == len(facts) == 24


def test_a_fact_calibrates_once(tmp_path: Path) -> None:
    found = lessons("kitchen", split(tmp_path / "s", train=rows("kitchen")), {}, RouterConfig(calibration=0.45))
    facts = [row.fact for text in found.held_out for row in rows("kitchen") if row.question == text]
    assert len(set(facts)) == len(facts) == 24


def test_too_few_questions_are_refused_with_both_counts(tmp_path: Path) -> None:
    with pytest.raises(NothingKept, match="'kitchen' has 64 questions to learn from and 16 to calibrate on"):
        lessons("kitchen", split(tmp_path / "s", train=rows("kitchen")), {}, RouterConfig(calibration=0.3))


def test_the_exam_asks_a_fact_once_and_nothing_without_an_answer(tmp_path: Path) -> None:
    told = rows("harbour")[:4]
    silent = told[0].model_copy(update={"id": "x", "fact": "x", "kind": UNANSWERABLE})
    found = exam(split(tmp_path / "s", transfer=[*told, silent]))
    assert [row.id for row in found] == [told[0].id, told[2].id]
