from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch

from loresmith.errors import MachineError, UserError
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import finish
from loresmith.recipe import TrainConfig
from loresmith.train.course import Course
from loresmith.train.team import Team
from loresmith.train.trouble import Order, require_alive

BATCH = [Conversation((1, 2, 3), 2, f"q{number} (What is {number}?)") for number in range(5)]


def test_the_conversation_at_fault_is_named() -> None:
    def loss_of(conversation: Conversation) -> float:
        return float("nan") if conversation is BATCH[3] else 1.0

    with pytest.raises(UserError, match=r"broke at step 7.*nan.*At fault: q3 \(What is 3\?\)\."):
        require_alive(7, float("nan"), 1.0, BATCH, loss_of)


def test_where_all_or_none_are_at_fault_the_batch_is_named_and_cut_short() -> None:
    for loss in (float("inf"), 1.0):
        with pytest.raises(UserError, match=r"Its batch: q0 .*; q1 .*; q2 .*; and 2 more"):
            require_alive(7, 1.0, float("nan"), BATCH, lambda conversation, loss=loss: loss)  # type: ignore[misc]


def test_a_dead_gradient_names_its_batch_and_a_perfect_loss_has_none_rightly() -> None:
    with pytest.raises(UserError, match=r"Nothing is learned at step 2.*q0"):
        require_alive(2, 1.0, 0.0, BATCH, lambda conversation: 1.0)
    require_alive(2, 1e-6, 0.0, BATCH, lambda conversation: 1.0)


@pytest.fixture
def scarce(network: Any) -> Callable[[int], Any]:
    """`scarce(n)`: the network on a card that has memory for rows of `n` tokens."""

    def make(tokens: int) -> Any:
        def refuse(module: Any, given: Any, named: dict[str, Any]) -> None:
            if module.training and named["input_ids"].shape[1] > tokens:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory")

        network.model.register_forward_pre_hook(refuse, with_kwargs=True)
        return network

    return make


def ready(network: Any, lesson: TrainingSet, config: TrainConfig, target: Path) -> Course:
    target.mkdir()
    return Course(network, "tiny", lesson, config, target)


def test_too_little_memory_halves_the_rows_once_and_learns_the_same(
    scarce: Callable[[int], Any], lesson: TrainingSet, small_course: TrainConfig, tmp_path: Path
) -> None:
    notes: list[str] = []
    course = ready(scarce(32), lesson, small_course.model_copy(update={"num_train_epochs": 2}), tmp_path / "a")
    finish(course.steps(Order()), lambda progress: notes.append(progress.note))
    assert [note for note in notes if "memory" in note] == [
        "out of memory: from here rows hold 32 tokens instead of 64"
    ]
    assert course.place.step == course.total == 6
    assert course.place.tokens == 2 * sum(len(c.ids) for c in lesson.train)


def test_too_little_memory_for_half_a_row_is_said_with_the_step(
    scarce: Callable[[int], Any], lesson: TrainingSet, small_course: TrainConfig, tmp_path: Path
) -> None:
    course = ready(scarce(8), lesson, small_course, tmp_path / "a")
    with pytest.raises(MachineError, match="at step 1 with rows of 32 tokens"):
        finish(course.steps(Order()))


def test_what_another_process_has_too_little_memory_for_is_halved_here_too(
    network: Any, lesson: TrainingSet, small_course: TrainConfig, tmp_path: Path
) -> None:
    class Elsewhere(Team):
        """Another process runs out of memory in the first step."""

        asked: ClassVar[list[bool]] = []

        def any(self, is_so: bool, device: torch.device) -> bool:
            self.asked.append(is_so)
            return len(self.asked) == 1

    course = ready(network, lesson, small_course, tmp_path / "a")
    course.team = Elsewhere()
    finish(course.steps(Order()))
    assert course.row_tokens == 32
    assert not any(Elsewhere.asked)
    assert course.place.tokens == 6 * sum(len(c.ids) for c in lesson.train)
