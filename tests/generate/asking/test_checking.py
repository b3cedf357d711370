"""Round trip and judge on a real server: what is asked, what falls, what is counted, what is paid once."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith import generate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import MachineError, NothingKept, UserError
from loresmith.generate.asking.endpoint import EndpointTeacher
from loresmith.generate.teachers import hired
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, Recipe, rehearsed
from loresmith.records import Chunk, Progress, Question

MakeConfig = Callable[..., GenerateConfig]


def made(parents: dict[str, Artifact], target: Path, config: GenerateConfig, **checks: bool) -> Artifact:
    plan = Plan("generate", config.model_copy(update=checks), parents)
    return finish(generate.run(plan, target))


def asked_for(server: Any, what: str) -> list[dict[str, Any]]:
    return [request for request in server.asked if wants(request, what)]


def wants(request: dict[str, Any], what: str) -> bool:
    """Whether the request asks for facts, answers or verdicts."""
    return bool(request["response_format"]["json_schema"]["schema"]["required"] == [what])


def is_about(request: dict[str, Any], what: str, name: str) -> bool:
    prompt = request["messages"][-1]["content"]
    return wants(request, what) and f"{name} valve opens" in prompt


def answers(completion: Any, *given: str) -> str:
    rows = [{"number": number, "answer": answer} for number, answer in enumerate(given, 1)]
    return str(completion(json.dumps({"answers": rows})))


def verdicts(completion: Any, verdict: str, reason: str) -> str:
    rows = [{"number": number, "verdict": verdict, "reason": reason} for number in (1, 2)]
    return str(completion(json.dumps({"verdicts": rows})))


def test_the_round_trip_is_one_more_call_a_chunk_and_off_unless_asked_for(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    plain = made(valves, tmp_path / "a" / "questions", config())
    assert len(server.asked) == 3
    checked = made(valves, tmp_path / "b" / "questions", config(), round_trip=True)
    assert (len(asked_for(server, "facts")), len(asked_for(server, "answers"))) == (6, 3)
    assert checked.manifest.content == plain.manifest.content
    assert checked.manifest.notes["teacher"]["checks"] == {"round trip": {"asked": 6, "passed": 6}}
    assert plain.manifest.notes["teacher"]["checks"] == {}


def test_a_question_that_is_answered_otherwise_falls_with_its_reason_and_its_choice(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    given = {"relief": answers(completion, "5 bar", "4 bar"), "gate": answers(completion, "", "5 bar")}

    def decide(request: dict[str, Any], before: int) -> Any:
        return next((told(body=given[name]) for name in given if is_about(request, "answers", name)), told())

    server.decide = decide
    questions = made(valves, tmp_path / "questions", config(), round_trip=True)
    assert {row.source for row in questions.rows(Question)} == {"check.md"}
    reasons = questions.manifest.reasons
    # relief opens at 3 bar, so both of its wordings are answered otherwise; the choices repeat first wordings
    assert reasons["round trip: another answer"] == 3
    assert reasons["round trip: not answered from its chunk"] == 2
    assert (reasons["too few wordings left"], reasons["its fact has too few wordings"]) == (2, 1)
    assert questions.manifest.notes["teacher"]["checks"]["round trip"] == {"asked": 6, "passed": 3}
    counts = questions.manifest.counts
    assert counts["read"] == counts["kept"] + counts["dropped"]


def test_a_check_without_a_usable_reply_is_asked_again_and_then_its_questions_fall(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    cut = told(body=completion('{"answers": [{"num', "length"))
    server.decide = lambda request, _: cut if is_about(request, "answers", "gate") else told()
    questions = made(valves, tmp_path / "questions", config(asked_again=1), round_trip=True)
    assert questions.manifest.reasons["round trip: no usable reply"] == 3
    assert questions.manifest.notes["teacher"]["failures"] == {"truncated JSON": 2}
    assert {row.source for row in questions.rows(Question)} == {"relief.md", "check.md"}


def test_the_judge_sees_only_what_passed_the_round_trip_and_its_no_is_counted_by_reason(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    wrong = told(body=answers(completion, "9 bar", "9 bar"))
    no = told(body=verdicts(completion, "no", "not worth knowing"))

    def decide(request: dict[str, Any], before: int) -> Any:
        if is_about(request, "answers", "gate"):
            return wrong
        return no if is_about(request, "verdicts", "check") else told()

    server.decide = decide
    questions = made(valves, tmp_path / "questions", config(), round_trip=True, judge=True)
    assert len(asked_for(server, "verdicts")) == 2
    assert {row.source for row in questions.rows(Question)} == {"relief.md"}
    assert questions.manifest.reasons["judge: not worth knowing"] == 3
    checks = questions.manifest.notes["teacher"]["checks"]
    assert checks == {"round trip": {"asked": 6, "passed": 4}, "judge": {"asked": 4, "passed": 2}}


def test_what_fails_a_cheap_check_is_never_asked_about(
    server: Any, config: MakeConfig, tmp_path: Path, told: Any, completion: Any
) -> None:
    quote = "The relief valve opens at 4 bar."
    good = {"quote": quote, "answer": "4 bar", "questions": ["When does the relief valve open?", "Is it 4 bar?"]}
    rows = [good, good | {"answer": "5 bar"}, good | {"quote": "The relief valve shuts at 4 bar."}]
    facts = told(body=completion(json.dumps({"facts": rows})))
    server.decide = lambda request, _: facts if wants(request, "facts") else told()
    known: dict[str, Any] = {"title": "t", "headings": (), "page": None, "start": 0, "end": 32, "kind": "prose"}
    chunk = Chunk(id="a", document="a", source="a.md", text=quote, **known)
    teacher = EndpointTeacher(config().model_copy(update={"round_trip": True}), "m")
    finish(teacher.prepare([chunk], tmp_path))
    (asked,) = asked_for(server, "answers")
    assert re.findall(r"^\d+\. (.*)$", asked["messages"][-1]["content"], re.MULTILINE) == [good["questions"][0]]


def test_no_check_is_paid_twice_and_a_run_that_was_stopped_goes_on_where_it_stopped(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any
) -> None:
    bad = told(401, {}, "bad key")
    server.decide = lambda request, _: bad if is_about(request, "verdicts", "check") else told()
    with pytest.raises(UserError, match="401"):
        made(valves, tmp_path / "questions", config(concurrency=1), round_trip=True, judge=True)
    paid = list(server.answered)
    assert 6 <= len(paid) <= 8
    server.decide = lambda *_: told()
    prices: dict[str, Any] = {"price_in": 1.0, "price_out": 2.0}
    first = made(valves, tmp_path / "questions", config(**prices), round_trip=True, judge=True)
    assert sorted(server.answered) == sorted(set(server.answered))
    assert len(server.answered) == 9
    money = 9 * (100 * 1.0 + 40 * 2.0) / 1e6
    assert first.manifest.notes["teacher"]["money"] == pytest.approx(money)
    # nothing is left to pay, so a budget of what was spent is enough
    again = made(valves, tmp_path / "questions", config(**prices, budget=1.001 * money), round_trip=True, judge=True)
    assert len(server.answered) == 9
    assert again.manifest.content == first.manifest.content
    assert again.manifest.notes["teacher"]["money"] == pytest.approx(money)


def test_the_estimate_before_the_first_call_counts_the_checks(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    def first_note(**checks: bool) -> str:
        settings = config().model_copy(update=checks)
        work = generate.run(Plan("generate", settings, valves), tmp_path / "questions")
        note = next(work).note
        work.close()
        return note

    assert first_note().startswith("estimate: 3 calls, ")
    assert first_note(round_trip=True).startswith("estimate: 6 calls, ")
    assert first_note(round_trip=True, judge=True).startswith("estimate: 9 calls, ")
    assert server.asked == []
    made(valves, tmp_path / "questions", config())
    assert first_note(round_trip=True).startswith("estimate: 3 calls, ")
    seen: list[Progress] = []
    plan = Plan("generate", config().model_copy(update={"round_trip": True}), valves)
    finish(generate.run(plan, tmp_path / "questions"), seen.append)
    assert any(step.note.startswith("round trip: estimate: 3 calls, ") for step in seen)


def test_the_budget_holds_for_the_checks_too(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    prices: dict[str, Any] = {"price_in": 1000.0, "price_out": 1000.0}
    dear = config(**prices)
    plans = [Plan("generate", dear.model_copy(update={"round_trip": check}), valves) for check in (False, True)]
    notes = [next(generate.run(plan, tmp_path / "questions")).note for plan in plans]
    alone, checked = (float(re.findall(r"about ([\d.]+) in money", note)[0]) for note in notes)
    between = config(**prices, budget=(alone + checked) / 2)
    with pytest.raises(UserError, match="more than the budget"):
        made(valves, tmp_path / "questions", between, round_trip=True)
    assert server.asked == []
    made(valves, tmp_path / "questions", between)
    assert len(server.asked) == 3


def test_a_server_that_falls_silent_during_the_checks_is_an_error(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any
) -> None:
    server.decide = lambda request, _: told(500) if wants(request, "answers") else told()
    with pytest.raises(MachineError, match=r"gives no answers \(3 status 500"):
        made(valves, tmp_path / "questions", config(retries=0), round_trip=True)


def test_nothing_kept_shows_what_the_model_said_first(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    server.decide = lambda *_: told(body=completion("I would \x1b[31mrather not."))
    with pytest.raises(NothingKept, match=r"first answer of the model: 'I would \\x1b\[31mrather not\.'"):
        made(valves, tmp_path / "questions", config())


@pytest.mark.parametrize("check", ["round_trip", "judge"])
def test_a_teacher_without_a_model_cannot_be_checked_by_one(
    check: str, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=f"asks no model, which `generate.{check}` needs"):
        made(valves, tmp_path / "questions", GenerateConfig(), **{check: True})


def test_a_rehearsal_goes_without_what_needs_a_model() -> None:
    wished = {"styles": ["misspelled"], "lengths": ["short"], "personas": ["Ana: a fitter"], "language": "de"}
    settings = {"teacher": "openai:m", "round_trip": True, "judge": True, **wished}
    small, _ = rehearsed(Recipe(name="x", generate=GenerateConfig.model_validate(settings)))
    assert (small.generate.teacher, small.generate.round_trip, small.generate.judge) == ("rules", False, False)
    assert hired(small.generate).name == "rules"


def test_a_question_in_another_language_costs_no_second_call(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    fact = {"quote": "The gate valve opens at 5 bar.", "answer": "5 bar", "kind": "number", "subject": "gate valve"}
    drifted = fact | {
        "questions": ["What pressure opens the gate valve?", "闸阀在多大压力下打开？"],
        "wrong_answers": [],
    }
    body = completion(json.dumps({"facts": [drifted]}))
    server.decide = lambda request, _: told(body=body) if is_about(request, "facts", "gate") else told()
    questions = made(valves, tmp_path / "questions", config(), round_trip=True)
    assert questions.manifest.notes["teacher"]["checks"]["round trip"]["asked"] == 5
    reasons = [json.loads(line)["reason"] for line in (questions / "dropped.jsonl").read_text("utf-8").splitlines()]
    assert "Han script in the question, none in its passage" in reasons
