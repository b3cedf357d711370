"""What can go wrong in the middle of a course: a loss that is no number, a dead gradient, an order to end."""

import math
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loresmith.errors import UserError
from loresmith.plugins import Conversation

SHOWN = 3
"""Conversations that an error names; the others it counts."""


@dataclass
class Order:
    """Whether the process was told to end."""

    given: bool = False


@contextmanager
def termination(at_once: Callable[[], None] = lambda: None) -> Iterator[Order]:
    """Inside the block SIGTERM is an order that the work finds at its next good moment, and not the end at once.

    `at_once` is called as well when it comes, for work that waits for others who have to be told.
    Outside the main thread Python hands out no signals; there nothing changes.
    """
    order = Order()
    if threading.current_thread() is not threading.main_thread():
        yield order
        return

    def given(number: int, frame: object) -> None:
        order.given = True
        at_once()

    before = signal.signal(signal.SIGTERM, given)
    try:
        yield order
    finally:
        signal.signal(signal.SIGTERM, before)


def require_alive(
    step: int, loss: float, norm: float, batch: Sequence[Conversation], loss_of: Callable[[Conversation], float]
) -> None:
    """Return when loss and gradient are numbers and something is learned.

    Args:
        step: Counted from 1.
        loss: Of the step, in nats per completion token.
        norm: Of its gradient.
        batch: What the step learned from.
        loss_of: The loss of one conversation alone; asked only to find those at fault.

    Raises:
        UserError: names the step and the conversations.
    """
    if not (math.isfinite(loss) and math.isfinite(norm)):
        faulty = [each for each in batch if not math.isfinite(loss_of(each))]
        named = f"At fault: {_named(faulty)}." if 0 < len(faulty) < len(batch) else f"Its batch: {_named(batch)}."
        raise UserError(
            f"Training broke at step {step}: the loss is {loss}, the gradient norm {norm}. {named}",
            next_step="Lower train.learning_rate, raise train.warmup_steps, or set model.dtype to float32.",
        )
    if norm == 0.0 and loss > 1e-3:  # a loss of nearly zero has no gradient left, rightly
        raise UserError(
            f"Nothing is learned at step {step}: the gradient is zero at a loss of {loss:.3f}. "
            f"Its batch: {_named(batch)}.",
            next_step="Check train.target_modules; the named layers take no part in the answer.",
        )


def _named(batch: Sequence[Conversation]) -> str:
    shown = [each.name or f"a conversation of {len(each.ids)} tokens" for each in batch[:SHOWN]]
    more = len(batch) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
