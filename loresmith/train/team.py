"""The processes that train together: who takes what, and how their gradients become one (data parallelism).

Each holds the whole network and takes its part of every step's conversations; only the gradient of what is trained, one
flat tensor, is summed over all. What is weighed is the sum of losses over the completion tokens of the
whole step, never a mean of means, so the number of processes does not change what is learned. A base that is too large
for one of them they may hold together (`spreading`). Not covered: several machines.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

from loresmith.errors import LoresmithError
from loresmith.plugins import Conversation
from loresmith.train.log import Log


@dataclass(frozen=True)
class Team:
    """Which process it is among those that train together; mostly it is alone."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the log, the checkpoints and the result, validates and holds the exams."""
        return self.rank == 0

    def share(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """What of a step's `conversations` this process learns from; it may be nothing."""
        lengths = [len(conversation.ids) for conversation in conversations]
        return [conversations[index] for index in dealt(lengths, self.size)[self.rank]]

    def sum(self, gradient: Tensor, loss: float, tokens: int, expected: int) -> float:
        """The loss summed over all processes; `gradient` is too afterwards, to the same bits in each.

        Raises:
            LoresmithError: the shares do not make up the `expected` completion tokens.
        """
        if self.size == 1:
            return loss
        dist.all_reduce(gradient)
        told = torch.tensor([loss, tokens], dtype=torch.float64, device=gradient.device)
        dist.all_reduce(told)
        if int(told[1]) != expected:
            raise LoresmithError(
                f"The processes took {int(told[1])} completion tokens of a step that has {expected}.",
                next_step="This is a bug of Loresmith: please report it with this line.",
            )
        return float(told[0])

    def most(self, count: int, device: torch.device) -> int:
        """The largest of the processes' counts."""
        if self.size == 1:
            return count
        most = torch.tensor([count], device=device)
        dist.all_reduce(most, op=dist.ReduceOp.MAX)
        return int(most[0])

    def any(self, is_so: bool, device: torch.device) -> bool:
        """Whether it is so in one process at least; all get the same answer, and wait for each other."""
        if self.size == 1:
            return is_so
        most = torch.tensor([int(is_so)], device=device)
        dist.all_reduce(most, op=dist.ReduceOp.MAX)
        return bool(most[0])

    def led(self, is_so: bool, device: torch.device) -> bool:
        """Whether it is so in the process that leads; the others wait for it."""
        if self.size == 1:
            return is_so
        told = torch.tensor([int(is_so)], device=device)
        dist.broadcast(told, src=0)
        return bool(told[0])

    def require_same(self, step: int, device: torch.device) -> None:
        """Check that all processes go on from the same step.

        Raises:
            LoresmithError: they do not.
        """
        if self.size == 1:
            return
        most = torch.tensor([step, -step], device=device)
        dist.all_reduce(most, op=dist.ReduceOp.MAX)
        if int(most[0]) != -int(most[1]):
            raise LoresmithError(
                f"The processes go on from different steps ({-int(most[1])} to {int(most[0])}).",
                next_step="Run the same command again; if it stays, remove the folder `checkpoints`.",
            )

    def log(self, target: Path) -> Log:
        """The log in `target`, or for those that do not lead one that is not written."""
        return Log(target) if self.leads else _Unwritten(target)


def present() -> Team:
    """The team that the running process was put into; by itself where there is none."""
    if dist.is_available() and dist.is_initialized():
        return Team(dist.get_rank(), dist.get_world_size())
    return Team()


def dealt(lengths: Sequence[int], hands: int) -> list[list[int]]:
    """Indices of `lengths` in `hands` heaps of nearly the same sum, each in ascending order.

    The longest first, each to the smallest heap: no heap exceeds 4/3 of the best possible (Graham 1969). Pure, so that
    each process deals alike without asking the others.
    """
    heaps: list[list[int]] = [[] for _ in range(hands)]
    smallest = [(0, hand) for hand in range(hands)]
    for index in sorted(range(len(lengths)), key=lambda index: (-lengths[index], index)):
        total, hand = heapq.heappop(smallest)
        heaps[hand].append(index)
        heapq.heappush(smallest, (total + lengths[index], hand))
    return [sorted(heap) for heap in heaps]


class _Unwritten(Log):
    def cut(self, length: int) -> None:
        """Nothing: the log belongs to the process that leads."""

    def add(self, step: int, figures: Mapping[str, float | int]) -> None:
        """Nothing."""

    def length(self) -> int:
        """Nothing was written."""
        return 0
