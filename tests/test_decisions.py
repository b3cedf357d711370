import json
import threading
from pathlib import Path
from typing import Any

import pytest

from loresmith.decisions import Decision, add_decision, key_of, read_decisions
from loresmith.errors import MachineError, UserError
from loresmith.records import Question


def question(**fields: Any) -> Question:
    known: dict[str, Any] = {
        **{"id": "q", "fact": "f", "document": "d", "source": "a.md", "page": 1, "chunk": "c", "kind": "number"},
        **{"quote": "The vice holds 40 kg.", "form": "short", "wording": 0},
        **{"question": "How many kg does the vice hold?", "answer": "40 kg"},
    }
    return Question(**(known | fields))


def rejected(key: str, **fields: Any) -> Decision:
    return Decision(key=key, verdict="reject", **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.jsonl"


def test_a_key_is_of_the_words_and_of_nothing_that_another_generation_numbers_anew() -> None:
    again = question(id="r", fact="g", document="e", source="b/a.md", page=2, chunk="k", wording=3, kind="other")
    assert key_of(again) == key_of(question())
    assert key_of(question(quote="The vice\n  holds 40 kg.", question="HOW many kg does the vice hold?")) == key_of(
        question()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"quote": "The vice holds 40 kg!"},
        {"question": "How many kg does the vice hold up?"},
        {"answer": "40"},
        {"form": "choice"},
        {"quote": "The vice holds", "question": "40 kg. How many kg does the vice hold?"},
    ],
)
def test_other_words_are_another_key(fields: dict[str, str]) -> None:
    assert key_of(question(**fields)) != key_of(question())


def test_no_file_holds_no_decisions(path: Path) -> None:
    assert read_decisions(path).by_key == {}


def test_the_last_decision_for_a_key_holds_and_can_be_taken_back(path: Path) -> None:
    for decision in (
        rejected("a"),
        Decision(key="a", verdict="accept"),
        rejected("b"),
        Decision(key="b", verdict="undecided"),
        Decision(key="c", verdict="edit", question="Why?", answer="so", reason="clearer", at="2026-01-01"),
    ):
        add_decision(path, decision)
    found = read_decisions(path).by_key
    assert {key: decision.verdict for key, decision in found.items()} == {"a": "accept", "c": "edit"}
    assert (found["c"].question, found["c"].answer, found["c"].reason) == ("Why?", "so", "clearer")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.parametrize("left", [1, 12, -2])
def test_a_torn_last_line_is_passed_over_and_swallows_no_later_one(path: Path, left: int) -> None:
    add_decision(path, rejected("a"))
    line = json.dumps({"key": "b", "verdict": "reject", "reason": "ä"}, ensure_ascii=False).encode()
    path.write_bytes(path.read_bytes() + line[:left])
    torn = read_decisions(path)
    assert (list(torn.by_key), torn.torn) == (["a"], 1)
    add_decision(path, rejected("c"))
    assert list(read_decisions(path).by_key) == ["a", "c"]


def test_a_last_line_that_lacks_nothing_but_its_end_counts(path: Path) -> None:
    add_decision(path, rejected("a"))
    path.write_bytes(path.read_bytes().rstrip())
    add_decision(path, rejected("b"))
    assert (list(read_decisions(path).by_key), read_decisions(path).torn) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"key": "a", "verdict": "maybe"}', "verdict: Input should be"),
        ('{"verdict": "reject"}', "key: Field required"),
        ('{"key": "a", "verdict": "reject", "why": "x"}', "why: Extra inputs"),
        ("[]", "Input should be"),
    ],
)
def test_a_line_written_by_hand_that_is_no_decision_is_one_error_that_names_it(
    path: Path, line: str, problem: str
) -> None:
    add_decision(path, rejected("a"))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(UserError, match=rf"line 2 is no decision: {problem}") as caught:
        read_decisions(path)
    assert caught.value.exit_code == 2


def test_writers_at_the_same_time_do_not_mix_their_lines(path: Path) -> None:
    def write(name: int) -> None:
        for number in range(20):
            add_decision(path, rejected(f"{name} {number}", reason="x" * 900))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_decisions(path)
    assert (len(found.by_key), found.torn) == (80, 0)


def test_a_file_that_cannot_be_written_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="cannot be written"):
        add_decision(tmp_path / "nowhere" / "review.jsonl", rejected("a"))
