"""The whole stage with a teacher behind a real server: what is kept, what is counted, what is paid once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk, generate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import MachineError, UserError
from loresmith.generate.asking.endpoint import EndpointTeacher
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, EndpointConfig, GenerateConfig, IngestConfig, Recipe
from loresmith.records import Chunk, Document, Fact, Progress, Question

NAMES = ["relief", "check", "gate", "needle", "globe", "ball", "pinch", "plug"]
MakeConfig = Callable[..., GenerateConfig]


def text_about(name: str, number: int) -> str:
    return (
        f"# The {name} valve\n\nThe {name} valve opens at {number + 3} bar. Nothing else is said of it anywhere here.\n"
    )


@pytest.fixture
def parents(tmp_path: Path) -> dict[str, Artifact]:
    """Eight documents of one chunk each, with one fact each."""
    with artifact.create(tmp_path / "documents", Plan("ingest", IngestConfig())) as draft:
        for number, name in enumerate(NAMES):
            draft.keep(
                Document(
                    id=f"{number:016}", source=f"{name}.md", title=name, format="md", pages=None,
                    sha256="0" * 64, text=text_about(name, number),
                )
            )  # fmt: skip
    documents = artifact.read(tmp_path / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": documents}), tmp_path / "chunks"))
    return {"ingest": documents, "chunk": chunks}


def made(parents: dict[str, Artifact], target: Path, config: GenerateConfig) -> Artifact:
    return finish(generate.run(Plan("generate", config, parents), target))


def subjects(questions: Artifact) -> list[str]:
    return [fact.subject.split()[0] for fact in questions.rows(Fact, "facts.jsonl")]


def test_one_call_a_chunk_gives_facts_with_their_wordings(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path
) -> None:
    questions = made(parents, tmp_path / "questions", config())
    rows = list(questions.rows(Question))
    assert sorted(subjects(questions)) == sorted(NAMES)
    assert len(server.asked) == 8
    assert [row.form for row in rows].count("short") == 16
    assert "6.5 bar" in next(row.options for row in rows if row.form == "choice")
    told = questions.manifest.notes["teacher"]
    assert (told["calls"], told["prompt_tokens"], told["calls_per_pair"]) == (8, 800, 0.5)


def test_every_failure_is_counted_by_reason_and_every_good_row_is_kept(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    first: dict[str, Any] = {
        "relief": told(429, {"Retry-After": "1"}, "slow down"),
        "check": told(500, {}, "oops"),
        "gate": told(seconds=3.0),
        "needle": told(body=completion('{"facts": [{"quote": "The needle', "length")),
        "globe": told(body=completion('{"facts": [{"quote": 7}]}')),
        "ball": told(body=completion("")),
        "pinch": told(body="<html>not today</html>"),
        "plug": told(body=completion("I would rather not.")),
    }
    server.decide = lambda request, before: told() if before else first[named(request)]
    questions = made(parents, tmp_path / "questions", config(timeout_seconds=1.5, concurrency=8))
    assert sorted(subjects(questions)) == sorted(NAMES)
    notes = questions.manifest.notes["teacher"]
    assert notes["failures"] == {
        "status 429": 1, "status 500": 1, "timeout": 1, "truncated JSON": 1, "wrong schema": 1,
        "empty answer": 1, "no chat completion": 1, "no JSON": 1,
    }  # fmt: skip
    assert (notes["retries"], notes["answers"], notes["chunks_without_answer"]) == (3, 13, 0)


def test_a_chunk_that_never_gets_a_good_answer_is_asked_so_often_and_no_more(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    server.decide = lambda request, _: told(body=completion("")) if named(request) == "ball" else told()
    questions = made(parents, tmp_path / "questions", config(asked_again=2))
    assert sorted(subjects(questions)) == sorted(set(NAMES) - {"ball"})
    assert server.times("The ball valve") == 3
    assert questions.manifest.notes["teacher"]["chunks_without_answer"] == 1
    asked = [request for request in server.asked if named(request) == "ball"]
    assert len({(request["temperature"], request["seed"]) for request in asked}) == 3


def test_a_pause_that_the_server_asks_for_is_kept_by_every_slot(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any
) -> None:
    times: list[float] = []

    def decide(request: dict[str, Any], before: int) -> Any:
        times.append(time.monotonic())
        return told(429, {"Retry-After": "1"}, "wait") if len(times) == 1 else told()

    server.decide = decide
    made(parents, tmp_path / "questions", config(concurrency=1))
    assert times[1] - times[0] >= 1.0


def test_which_call_ends_first_changes_no_byte(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any
) -> None:
    server.decide = lambda request, _: told(seconds=0.05 * NAMES.index(named(request)))
    one = made(parents, tmp_path / "a" / "questions", config())
    server.decide = lambda request, _: told(seconds=0.05 * (8 - NAMES.index(named(request))))
    two = made(parents, tmp_path / "b" / "questions", config(concurrency=8))
    assert len(server.asked) == 16  # two projects, two journals
    assert one.manifest.content == two.manifest.content


def test_no_answer_is_paid_twice_whatever_is_set_about_limits_and_prices(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path
) -> None:
    first = made(parents, tmp_path / "questions", config())
    again = made(parents, tmp_path / "questions", config(concurrency=1, price_in=1.0, price_out=2.0, retries=0))
    assert len(server.asked) == 8
    assert again.manifest.content == first.manifest.content
    assert again.manifest.notes["teacher"]["replayed"] == 8
    assert again.manifest.notes["teacher"]["money"] == pytest.approx(8 * (100 * 1.0 + 40 * 2.0) / 1e6)


def test_two_copies_of_a_page_are_one_call_and_both_have_their_facts(
    server: Any, config: MakeConfig, tmp_path: Path
) -> None:
    text = "The relief valve opens at 4 bar."
    known: dict[str, Any] = {"title": "t", "headings": (), "page": None, "start": 0, "end": len(text), "kind": "prose"}
    copies = [Chunk(id=name, document=name, source=name, text=text, **known) for name in "ab"]
    teacher = EndpointTeacher(config(), "m")
    finish(teacher.prepare(copies, tmp_path))
    assert len(server.asked) == 1
    assert [len(list(teacher.facts(copy))) for copy in copies] == [1, 1]


def test_the_slots_are_used_and_never_exceeded(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any
) -> None:
    server.decide = lambda *_: told(seconds=0.3)
    made(parents, tmp_path / "questions", config(concurrency=3))
    assert server.most_under_way == 3


def test_the_estimate_comes_before_the_first_call(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path
) -> None:
    work = generate.run(Plan("generate", config(price_in=1.0, price_out=1.0), parents), tmp_path / "questions")
    first = next(work)
    assert server.asked == []
    assert first.note.startswith("estimate: 8 calls, ")
    assert "in money" in first.note
    seen: list[Progress] = []
    finish(work, seen.append)
    assert any(step.note.startswith("8 answers, 800 + 320 tokens, ") for step in seen)


def test_the_estimate_of_a_run_that_goes_on_counts_only_what_was_never_answered(
    server: Any, config: MakeConfig, tmp_path: Path
) -> None:
    text = "The {} valve opens at 4 bar."
    known: dict[str, Any] = {"title": "t", "headings": (), "page": None, "start": 0, "end": 33, "kind": "prose"}
    chunks = [Chunk(id=name, document=name, source=name, text=text.format(name), **known) for name in NAMES]
    finish(EndpointTeacher(config(), "m").prepare(chunks[:5], tmp_path))
    assert next(EndpointTeacher(config(), "m").prepare(chunks, tmp_path)).note.startswith("estimate: 3 calls, ")


def test_the_budget_stops_the_round_before_it_is_exceeded_and_a_larger_one_goes_on(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    dear = json.dumps(
        {
            "choices": [{"message": {"content": '{"facts": []}'}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 200},
        }
    )
    server.decide = lambda request, _: told(body=dear)
    prices: dict[str, Any] = {"price_in": 1000.0, "price_out": 1000.0}
    with pytest.raises(UserError, match="budget of 8"):
        made(parents, tmp_path / "questions", config(**prices, budget=8.0))
    asked = len(server.asked)
    assert 0 < asked * 1.1 <= 8.0
    assert asked < 8
    server.decide = lambda *_: told()
    questions = made(parents, tmp_path / "questions", config(**prices, budget=60.0))
    assert len(server.asked) == 8
    assert len(subjects(questions)) == 8 - asked
    assert questions.manifest.notes["teacher"]["money"] == pytest.approx(asked * 1.1 + (8 - asked) * 0.14)


def test_an_estimate_beyond_the_budget_makes_no_call(
    server: Any, config: MakeConfig, parents: dict[str, Artifact], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="more than the budget"):
        made(parents, tmp_path / "questions", config(price_in=1e6, price_out=1e6, budget=1.0))
    assert server.asked == []


def test_a_server_that_is_not_there_is_an_error_and_not_an_empty_result(
    parents: dict[str, Artifact], tmp_path: Path
) -> None:
    nowhere = EndpointConfig(base_url="http://127.0.0.1:9/v1", retries=1)
    with pytest.raises(MachineError, match=r"gives no answers \(\d+ broken connection"):
        made(parents, tmp_path / "questions", GenerateConfig(teacher="openai:x", endpoint=nowhere))


@pytest.mark.parametrize(("round_trip", "before", "calls"), [(False, 5, 8), (True, 12, 16)])
def test_a_killed_run_asks_nothing_again_that_was_answered(
    server: Any, tmp_path: Path, told: Any, round_trip: bool, before: int, calls: int
) -> None:
    project = journaled_project(tmp_path, server.url, round_trip)
    server.decide = lambda request, _: told(seconds=60.0 if len(server.answered) >= before else 0.0)
    command = [sys.executable, "-m", "loresmith.cli", "generate", str(project)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    journal = project / ".teacher" / "answers.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not journal.is_file() or journal.read_bytes().count(b"\n") < before):
        time.sleep(0.05)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    assert journal.read_bytes().count(b"\n") == before
    kept = set(server.answered)
    with journal.open("ab") as file:
        file.write(b'{"key": "half a li')  # what a kill in the middle of a write leaves
    server.decide = lambda *_: told()
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert sorted(server.answered) == sorted(set(server.answered))  # no prompt was answered, and so paid, twice
    assert len(server.answered) == calls
    assert all(server.times(prompt) == 1 for prompt in kept)
    assert json.loads(done.stdout)["stages"][0]["counts"]["facts"] == 8


def journaled_project(folder: Path, url: str, round_trip: bool) -> Path:
    """A project whose next stage is `generate`, with one slot."""
    from loresmith.pipeline import Project, run

    (folder / "docs").mkdir()
    for number, name in enumerate(NAMES):
        (folder / "docs" / f"{name}.md").write_text(text_about(name, number))
    settings = GenerateConfig(
        teacher="openai:stand-in",
        wordings=2,
        round_trip=round_trip,
        endpoint=EndpointConfig(base_url=url, concurrency=1),
    )
    project = Project(folder / "p", Recipe(name="x", documents=(str(folder / "docs"),), generate=settings))
    project.save()
    finish(run(project, until="chunk"))
    return project.path


def named(request: dict[str, Any]) -> str:
    """The valve that a request is about."""
    content = str(request["messages"][-1]["content"])
    return next(name for name in NAMES if f"The {name} valve opens" in content)
