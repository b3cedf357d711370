from pathlib import Path

import pytest

from loresmith.benchmark import few_shot
from loresmith.benchmark.items import Item
from loresmith.benchmark.sources import gather
from loresmith.benchmark.table import TASKS, chosen
from loresmith.errors import UserError
from tests.benchmark import papers


def items(count: int) -> list[Item]:
    return [Item(id=str(n), question=f"Question {n}?", options=("yes", "no"), answer=n % 2) for n in range(count)]


def test_drawn_examples_are_the_harness_s_and_never_the_question_itself() -> None:
    exam = items(8)
    shown = few_shot.examples(TASKS["arc_challenge"], exam, exam, 3)
    assert all(item not in before and len(before) == 3 for item, before in zip(exam, shown, strict=True))
    # Random(1234).sample(range(8), 4) without the question itself, then the next draw of the same generator
    assert [[int(one.id) for one in before] for before in shown[:2]] == [[7, 6, 5], [0, 5, 6]]


def test_first_examples_are_those_of_the_question_s_subject(tmp_path: Path) -> None:
    found = gather(chosen(["mmlu"])[0], [str(papers.mmlu(tmp_path))], alone=True, shots=5)
    shown = few_shot.examples(TASKS["mmlu"], found.exam, found.pool, 5)
    for item, before in zip(found.exam, shown, strict=True):
        assert before == [other for other in found.pool if other.subject == item.subject]


def test_a_plain_prompt_is_description_examples_and_question() -> None:
    task = TASKS["mmlu"]
    one, two = (
        Item(id=name, subject="world_religions", question=f" {name}? ", options=tuple("wxyz"), answer=2)
        for name in ("First", "Second")
    )
    (prompt,) = few_shot.prompts(task, [two], [[one]], None)
    listed = "\nA. w\nB. x\nC. y\nD. z\nAnswer:"
    about = "The following are multiple choice questions (with answers) about world religions.\n\n"
    assert prompt.text == f"{about}First?{listed} C\n\nSecond?{listed}"
    assert prompt.replies == (" A", " B", " C", " D")


def test_too_few_examples_name_what_is_missing(tmp_path: Path) -> None:
    only = papers.mmlu(tmp_path) / "test"
    with pytest.raises(UserError, match="mmlu:anatomy needs 14 worked examples, 13 are there") as fault:
        found = gather(chosen(["mmlu"])[0], [str(only)], alone=True, shots=14)
        few_shot.examples(TASKS["mmlu"], found.exam, found.pool, 14)
    assert "--few-shot 0" in fault.value.next_step
