from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loresmith.plugins import Conversation
from loresmith.train.log import lines
from loresmith.train.team import Team, dealt, present

SomeConversations = Callable[..., tuple[Conversation, ...]]


@given(lengths=st.lists(st.integers(1, 40), max_size=12), hands=st.integers(1, 5))
def test_dealing_gives_each_away_once_and_no_heap_is_too_high(lengths: list[int], hands: int) -> None:
    heaps = dealt(lengths, hands)
    assert len(heaps) == hands
    assert sorted(index for heap in heaps for index in heap) == list(range(len(lengths)))
    sums = [sum(lengths[index] for index in heap) for heap in heaps]
    assert max(sums) - min(sums) <= max(lengths, default=0)
    assert all(heap == sorted(heap) for heap in heaps)


def test_a_process_without_conversations_is_idle(some_conversations: SomeConversations) -> None:
    only = some_conversations(1)
    assert [Team(rank, 2).share(only) for rank in (0, 1)] == [list(only), []]


def test_all_processes_together_take_a_step_once(some_conversations: SomeConversations) -> None:
    step = some_conversations(9)
    taken = [conversation for rank in range(3) for conversation in Team(rank, 3).share(step)]
    assert sorted(c.ids for c in taken) == sorted(c.ids for c in step)


def test_alone_nothing_is_exchanged() -> None:
    gradient = torch.ones(3)
    assert present() == Team(0, 1)
    assert Team().sum(gradient, 2.5, 4, 4) == 2.5
    assert gradient.tolist() == [1, 1, 1]
    Team().require_same(7, torch.device("cpu"))


@pytest.mark.parametrize(("rank", "written"), [(0, 1), (1, 0)])
def test_only_the_leading_process_writes_the_log(tmp_path: Path, rank: int, written: int) -> None:
    (tmp_path / "log.jsonl").touch()
    log = Team(rank, 2).log(tmp_path)
    log.cut(0)
    log.add(1, {"loss": 2.0})
    assert len(lines(tmp_path / "log.jsonl")) == written
    assert bool(log.length()) == bool(written)
