"""What the calls cost: tokens, money and failures, counted as they come, and a budget that is never exceeded.

Money is counted from the tokens that the server reports; where it reports none, from a guess of four bytes a token.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError
from loresmith.models.endpoint.completion import Usage
from loresmith.recipe import ServerConfig

BYTES_PER_TOKEN = 4
"""English in the tokenizers of 2024 to 2026."""
LEAST_BYTES_PER_TOKEN = 2
"""For what a call might cost at most."""
MESSAGE_TOKENS = 16
"""Around two messages, in any chat template."""
FULL_SHARE = 0.6
"""Of the room for an answer, the part that answers fill on average."""


@dataclass(frozen=True)
class Size:
    """A call before it is made."""

    prompt_bytes: int
    answer_tokens: int
    """Most that the server may write."""

    @property
    def usual(self) -> Usage:
        """What the call will take, more or less."""
        return Usage(self.prompt_bytes // BYTES_PER_TOKEN + MESSAGE_TOKENS, int(self.answer_tokens * FULL_SHARE))

    @property
    def most(self) -> Usage:
        """What the call could take."""
        return Usage(self.prompt_bytes // LEAST_BYTES_PER_TOKEN + MESSAGE_TOKENS, self.answer_tokens)


class Ledger:
    """The account of one round; may be used from several threads."""

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._settled = threading.Condition()
        self._reserved = self.money = 0.0
        self.prompt_tokens = self.completion_tokens = self.guessed = 0
        self.answers = self.calls = self.replayed = self.retries = self.misshapen = 0
        self.failures: Counter[str] = Counter()

    def price(self, usage: Usage) -> float:
        """Money for `usage`; 0 without prices."""
        rates = (self._config.price_in or 0.0), (self._config.price_out or 0.0)
        return (usage.prompt * rates[0] + usage.completion * rates[1]) / 1e6

    def remember(self, kept: Iterable[Usage]) -> None:
        """Count the money that earlier runs spent on answers which this one takes up; comes before the first call."""
        with self._settled:
            self.money += sum(map(self.price, kept))

    def reserve(self, size: Size) -> None:
        """Set money aside for the dearest outcome of a call; waits while other calls hold what would be enough.

        Raises:
            UserError: the budget does not reach for this call.
        """
        most, budget = self.price(size.most), self._config.budget
        with self._settled:
            while budget is not None and self.money + self._reserved + most > budget:
                if self._reserved == 0:
                    raise self._budget_reached()
                self._settled.wait(0.5)
            self._reserved += most

    def release(self, size: Size, spent: Usage | None) -> None:
        """End a reservation; `spent` is counted as money, `None` when nothing was charged."""
        with self._settled:
            # sums of fractions leave a rest far below the price of a token
            self._reserved = max(0.0, self._reserved - self.price(size.most))
            if self._reserved < 1e-12:
                self._reserved = 0.0
            self.calls += 1
            if spent is not None:
                self.money += self.price(spent)
            self._settled.notify_all()

    def fail(self, reason: str) -> None:
        """Count a call that brought nothing of use."""
        with self._settled:
            self.failures[reason] += 1

    def retry(self) -> None:
        """Count a call that is made once more."""
        with self._settled:
            self.retries += 1

    def receive(self, usage: Usage, *, misshapen: int, is_guessed: bool, is_replayed: bool) -> None:
        """Count an answer; the money of a replayed one is in the sum since `remember`."""
        with self._settled:
            self.answers += 1
            self.replayed += is_replayed
            self.misshapen += misshapen
            self.guessed += is_guessed
            self.prompt_tokens += usage.prompt
            self.completion_tokens += usage.completion

    def estimate(self, sizes: Iterable[Size]) -> str:
        """One line on what the calls will take.

        Raises:
            UserError: that is more than the budget, so not even the first call is made.
        """
        usual = [size.usual for size in sizes]
        total = Usage(sum(one.prompt for one in usual), sum(one.completion for one in usual))
        price, budget = self.price(total), self._config.budget
        if budget is not None and self.money + price > budget:
            spent = f", and {self.money:.4g} is spent: together" if self.money else ","
            raise UserError(
                f"{len(usual)} calls would cost about {price:.4g}{spent} more than the budget of {budget:g}.",
                next_step=f"Raise `{self._config.place}.budget`, or ask for less with `{self._config.fewer}`.",
            )
        money = f", about {price:.4g} in money" if self._config.price_in is not None else ""
        return f"estimate: {len(usual)} calls, {total.prompt:,} prompt and {total.completion:,} answer tokens{money}"

    def line(self) -> str:
        """The running total."""
        money = f", {self.money:.4g} in money" if self._config.price_in is not None else ""
        failed = f", {self.failures.total()} failed" if self.failures else ""
        return f"{self.answers} answers, {self.prompt_tokens:,} + {self.completion_tokens:,} tokens{money}{failed}"

    def account(self, pairs: int) -> dict[str, Any]:
        """All that was counted, in all and for each of `pairs`; `None` where there is nothing to divide by."""
        calls = self.calls + self.replayed
        return {
            "calls": calls,
            "answers": self.answers,
            "replayed": self.replayed,
            "retries": self.retries,
            "failures": dict(sorted(self.failures.items())),
            "misshapen_facts": self.misshapen,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "answers_with_guessed_tokens": self.guessed,
            "money": round(self.money, 6) if self._config.price_in is not None else None,
            "calls_per_pair": round(calls / pairs, 4) if pairs else None,
            "prompt_tokens_per_pair": round(self.prompt_tokens / pairs, 1) if pairs else None,
        }

    def _budget_reached(self) -> UserError:
        config = self._config
        return UserError(
            f"The budget of {config.budget:g} does not reach for another call; {self.money:.4g} is spent.",
            next_step=f"Raise `{config.place}.budget`, or lower `{config.fewer}`. No answer so far is paid again.",
        )
