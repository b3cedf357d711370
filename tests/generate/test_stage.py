import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk, generate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, GenerateConfig, IngestConfig
from loresmith.records import Document, Fact, Progress, Question

VALVES = """<!-- page 1 -->

# Valves

A relief valve is a device that limits the pressure of a system. BR-7 holds 12 springs.

<!-- page 2 -->

BR-9 holds 14 springs. BR-7 was introduced by Ada Stone in May 1954.

Table 1: Valve types.

| Type | Pressure (bar) | Mass (kg) |
|---|---|---|
| BR-7 | 4.5 | 12.1 |
| BR-9 | 6.0 | 14.3 |
| BR-11 | 7.5 | 19.9 |
"""
PUMPS = (
    "# Pumps\n\nA rotary pump is a machine that moves fluid by turning. BR-7 holds 12 springs. BR-9 holds 15 springs.\n"
)


@pytest.fixture
def parents(tmp_path: Path) -> dict[str, Artifact]:
    return parents_of(tmp_path, {"valves.md": VALVES, "pumps.md": PUMPS})


def parents_of(folder: Path, texts: Mapping[str, str]) -> dict[str, Artifact]:
    with artifact.create(folder / "documents", Plan("ingest", IngestConfig())) as draft:
        for number, (source, text) in enumerate(texts.items()):
            title = source.removesuffix(".md").capitalize()
            draft.keep(
                Document(
                    id=f"{number:016}", source=source, title=title, format="md", pages=None, sha256="0" * 64, text=text
                )
            )
    documents = artifact.read(folder / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": documents}), folder / "chunks"))
    return {"ingest": documents, "chunk": chunks}


def made(parents: Mapping[str, Artifact], target: Path, **settings: Any) -> Artifact:
    return finish(generate.run(Plan("generate", GenerateConfig(**settings), parents), target))


def dropped(questions: Artifact) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (questions / "dropped.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_quote_stands_on_its_page(parents: dict[str, Artifact], tmp_path: Path) -> None:
    questions = made(parents, tmp_path / "questions")
    texts = {document.id: document.text for document in parents["ingest"].rows(Document)}
    facts = {fact.id: fact for fact in questions.rows(Fact, "facts.jsonl")}
    assert len(facts) >= 10
    assert all(texts[fact.document][fact.start : fact.end] == fact.quote for fact in facts.values())
    pages = {fact.answer: fact.page for fact in facts.values()}
    assert (pages["a device that limits the pressure of a system"], pages["May 1954"], pages["4.5"]) == (1, 2, 2)
    for question in questions.rows(Question):
        fact = facts[question.fact]
        assert (question.quote, question.page, question.also) == (fact.quote, fact.page, fact.also)
        assert question.answer == fact.answer or question.options == ("True", "False")
        assert all(texts[part.document][part.start : part.end] == part.quote for part in fact.also)


def test_counts_balance_and_kept_rows_are_questions(parents: dict[str, Artifact], tmp_path: Path) -> None:
    questions = made(parents, tmp_path / "questions")
    counts = questions.manifest.counts
    assert counts["read"] == counts["kept"] + counts["dropped"]
    assert counts["kept"] == len(list(questions.rows(Question)))
    assert counts["dropped"] == sum(questions.manifest.reasons.values()) == len(dropped(questions))
    assert counts["facts"] == len(list(questions.rows(Fact, "facts.jsonl"))) == questions.manifest.notes["facts"]


def test_the_same_question_with_two_answers_in_the_corpus_is_dropped(
    parents: dict[str, Artifact], tmp_path: Path
) -> None:
    questions = made(parents, tmp_path / "questions")
    assert "How many springs does BR-9 hold?" in {
        row["question"] for row in dropped(questions) if row["reason"].startswith("ambiguous")
    }
    assert "How many springs does BR-9 hold?" not in {row.question for row in questions.rows(Question)}


def test_the_same_question_with_one_answer_is_kept_once(parents: dict[str, Artifact], tmp_path: Path) -> None:
    texts = [row.question for row in made(parents, tmp_path / "questions").rows(Question)]
    assert texts.count("How many springs does BR-7 hold?") == 1


def test_facts_are_limited_evenly(parents: dict[str, Artifact], tmp_path: Path) -> None:
    questions = made(parents, tmp_path / "questions", max_facts=4)
    facts = list(questions.rows(Fact, "facts.jsonl"))
    assert len(facts) == 4
    assert len({fact.document for fact in facts}) == 2
    assert {row.fact for row in questions.rows(Question)} == {fact.id for fact in facts}


def test_the_same_inputs_give_the_same_bytes(parents: dict[str, Artifact], tmp_path: Path) -> None:
    first, second = (made(parents, tmp_path / name) for name in ("one", "two"))
    assert first.manifest.content == second.manifest.content
    assert first.manifest.content != made(parents, tmp_path / "three", seed=18).manifest.content


def test_each_chunk_has_its_section_written_down(parents: dict[str, Artifact], tmp_path: Path) -> None:
    questions = made(parents, tmp_path / "questions")
    sections = json.loads((questions / "sections.json").read_text(encoding="utf-8"))
    assert {sections[fact.chunk] for fact in questions.rows(Fact, "facts.jsonl")} == {"Valves", "Pumps"}


def test_nothing_kept_is_a_failure_that_shows_what_was_looked_at(tmp_path: Path) -> None:
    parents = parents_of(tmp_path, {"poem.md": "# Poem\n\nNothing here says anything\n"})
    with pytest.raises(NothingKept, match="Nothing here says anything"):
        made(parents, tmp_path / "questions")
    assert not (tmp_path / "questions").exists()


def test_progress_ends_with_all_work_done(parents: dict[str, Artifact], tmp_path: Path) -> None:
    seen: list[Progress] = []
    finish(generate.run(Plan("generate", GenerateConfig(), parents), tmp_path / "questions"), seen.append)
    assert seen[-1].done == seen[-1].total


def test_a_teacher_that_invents_is_caught(parents: dict[str, Artifact], tmp_path: Path) -> None:
    rows = [
        {
            "quote": "BR-7 holds 12 springs.",
            "answer": "12",
            "questions": ["How many springs has BR-7?", "BR-7 holds how many?"],
        },
        {"quote": "BR-7 holds 12 springs.", "answer": "13", "questions": ["How many?", "Which number?"]},
        {
            "quote": "BR-9 holds 14 springs.",
            "answer": "14",
            "questions": ["How many springs does it hold?", "14 springs?"],
        },
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    questions = made(parents, tmp_path / "questions", teacher=f"scripted:{path}")
    assert [row.question for row in questions.rows(Question) if row.form == "short"] == rows[0]["questions"]
    assert set(questions.manifest.reasons) >= {
        "number of the answer is not in the quote",
        "question does not stand alone",
        "answer is in the question",
        "too few wordings left",
    }


def test_a_real_paper_gives_facts_of_many_kinds(shared_data: Path, tmp_path: Path) -> None:
    text = (shared_data / "pdf" / "latex_truth" / "1706.03762" / "docling_groundtruth.md").read_text(encoding="utf-8")
    questions = made(parents_of(tmp_path, {"attention.md": text}), tmp_path / "questions")
    kinds = questions.manifest.notes["kinds"]
    assert questions.manifest.counts["facts"] >= 30
    assert {"cell", "cloze", "number"} <= kinds.keys()
    assert not any("arXiv" in row.quote for row in questions.rows(Question))


def test_a_question_in_another_language_is_dropped_with_both_named(
    parents: dict[str, Artifact], tmp_path: Path
) -> None:
    asked = ["How many springs does BR-7 hold?", "Name the number of springs in BR-7.", "BR-7 有多少个弹簧？"]
    row = {"quote": "BR-7 holds 12 springs.", "answer": "12 springs", "source": "valves.md", "questions": asked}
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row), encoding="utf-8")
    questions = made(parents, tmp_path / "questions", teacher=f"scripted:{rows}")
    assert [row.question for row in questions.rows(Question) if row.form == "short"] == asked[:2]
    (fallen,) = [row for row in dropped(questions) if row["question"] == asked[2]]
    assert fallen["reason"] == "Han script in the question, none in its passage"
