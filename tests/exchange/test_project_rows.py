from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.exchange.project_rows import project_rows
from loresmith.models.prompts import REFUSAL
from loresmith.recipe import ChunkConfig, SplitConfig
from loresmith.records import Chunk, Evidence, Manner, Question


def test_a_question_that_rests_on_two_passages_brings_both_and_how_it_was_worded(tmp_path: Path) -> None:
    with artifact.create(tmp_path / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for name in ("one", "two"):
            draft.keep(
                Chunk(
                    id=name, document="d", source="d.md", title="D", headings=(), page=None, start=0, end=9,
                    kind="prose", text=f"Part {name}.",
                )
            )  # fmt: skip
    part = Evidence(chunk="two", document="d", source="d.md", page=None, start=0, end=9, quote="Part two.")
    with artifact.create(tmp_path / "split", Plan("split", SplitConfig())) as draft:
        draft.keep(
            Question(
                id="q", fact="f", document="d", source="d.md", page=None, chunk="one", quote="Part one.", also=(part,),
                kind="multi-hop", form="short", wording=0, question="Which parts are there?", answer="Part one",
                manner=Manner(style="web-search-like", length="short"),
            ),
            "recall.jsonl",
        )  # fmt: skip
        for name in ("transfer", "unanswerable"):
            (draft.path / f"{name}.jsonl").touch()
    exam = project_rows(tmp_path, "exam")
    assert exam.is_exam
    ((row,),) = exam.splits.values()
    assert row.contexts == ("Part one.", "Part two.")
    wished = {name: row.aside.get(name) for name in ("query_style", "query_length", "persona_name")}
    assert wished == {"query_style": "WEB_SEARCH_LIKE", "query_length": "SHORT", "persona_name": None}


def test_the_exam_without_answers_is_a_split_of_the_exam_and_none_of_training(tmp_path: Path) -> None:
    with artifact.create(tmp_path / "chunks", Plan("chunk", ChunkConfig())):
        pass
    with artifact.create(tmp_path / "split", Plan("split", SplitConfig())) as draft:
        for name in ("train", "validation", "recall", "transfer", "unanswerable"):
            draft.keep(
                Question(
                    id=name, fact=name, document="d", source="d.md", page=None, chunk="one", quote="Part one.",
                    kind="unanswerable", form="short", wording=0, question=f"What of {name}?", answer=REFUSAL,
                ),
                f"{name}.jsonl",
            )  # fmt: skip
    exam = project_rows(tmp_path, "exam")
    assert list(exam.splits) == ["recall", "transfer", "unanswerable"]
    assert exam.splits["unanswerable"][0].turns[1].text == REFUSAL
    assert list(project_rows(tmp_path, "training").splits) == ["train", "validation"]
