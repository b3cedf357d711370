from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.exchange.project_rows import project_rows
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
        (draft.path / "transfer.jsonl").touch()
    exam = project_rows(tmp_path, "exam")
    assert exam.is_exam
    ((row,),) = exam.splits.values()
    assert row.contexts == ("Part one.", "Part two.")
    wished = {name: row.aside.get(name) for name in ("query_style", "query_length", "persona_name")}
    assert wished == {"query_style": "WEB_SEARCH_LIKE", "query_length": "SHORT", "persona_name": None}
