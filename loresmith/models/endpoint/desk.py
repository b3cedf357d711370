"""Orders to replies: calls side by side, each answer on disk at once, failures repeated with patience and counted."""

import json
import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from loresmith.errors import MachineError
from loresmith.models.endpoint.completion import AnyRow, Reply, Usage
from loresmith.models.endpoint.dialect import Asked
from loresmith.models.endpoint.journal import Journal, key_of
from loresmith.models.endpoint.ledger import BYTES_PER_TOKEN, Ledger, Size
from loresmith.models.endpoint.order import Order
from loresmith.models.endpoint.pace import Pace, backoff_seconds
from loresmith.models.endpoint.server import CallFailed, ChatServer
from loresmith.recipe import EndpointConfig, ServerConfig

WARMER = 0.3
"""Added to the temperature when a chunk is asked again: at 0 a server repeats its useless answer."""
LEAST_DEAD_CALLS = 4


class Desk:
    """One round of calls to one model."""

    def __init__(self, model: str, config: ServerConfig, server: ChatServer, journal: Journal, ledger: Ledger) -> None:
        self._model, self._config = model, config
        # what cannot be used is asked again for where material is made; an examinee's first answer counts
        self._attempts = 1 + (config.asked_again if isinstance(config, EndpointConfig) else 0)
        self._server, self._journal, self._ledger = server, journal, ledger
        self._stop = threading.Event()
        self._pace = Pace(config.requests_per_minute, config.tokens_per_minute, self._stop)
        self._rng = random.Random(config.seed)
        self._dead = 0
        """Calls in a row that were given up."""
        self._remembered: set[str] = set()

    def announce(self, orders: Sequence[Order[Any]], further: Sequence[Size] = ()) -> str:
        """One line on the calls that `orders` still need, and `further` ones; what earlier runs spent is counted.

        Raises:
            UserError: they would cost more than the budget.
        """
        self._ledger.remember(self._kept(orders))
        missing = {self.key(order): order for order in orders if self._journal.answer(self.key(order)) is None}
        return self._ledger.estimate([*map(self.size, missing.values()), *further])

    def replies(self, orders: Sequence[Order[AnyRow]]) -> Iterator[tuple[int, Reply[AnyRow]]]:
        """The replies as they come, each with the place of its order; an order that stayed without has its fault.

        Equal orders, such as those for two copies of a page, are one call. However it is left, it waits for the calls
        under way: they are paid, and their answers are kept.

        Raises:
            UserError: no call can succeed, or the budget is reached.
            MachineError: the server does not answer, or the disk is full.
        """
        same: defaultdict[str, list[int]] = defaultdict(list)
        for place, order in enumerate(orders):
            same[self.key(order)].append(place)
        answers, self._dead = self._ledger.answers, 0
        pool = ThreadPoolExecutor(self._config.concurrency)
        is_whole = False
        try:
            waiting = {pool.submit(self._reply, orders[places[0]]): places for places in same.values()}
            for done in as_completed(waiting):
                yield from ((place, done.result()) for place in waiting[done])
            if orders and self._ledger.answers == answers:
                raise self._silence()
            is_whole = True
        finally:
            if not is_whole:
                self._stop.set()
            pool.shutdown(cancel_futures=True)

    def kept_reply(self, order: Order[AnyRow]) -> Reply[AnyRow] | None:
        """The reply that earlier runs left here; `None` where a call is still to be made."""
        for body in self._bodies(order):
            reply = None if body is None else order.read(body)
            if reply is None or reply.fault is None:
                return reply
        return reply

    def first_body(self, orders: Sequence[Order[Any]]) -> str | None:
        """The raw answer to the first of `orders` that has one."""
        bodies = (self._journal.answer(self.key(order)) for order in orders)
        return next((body for body in bodies if body is not None), None)

    def line(self) -> str:
        """The running total."""
        return self._ledger.line()

    def key(self, order: Order[Any], attempt: int = 0) -> str:
        """Under which the answer is kept. Limits, prices and the dialect do not enter: they do not change it."""
        settings: list[object] = [self._config.base_url, self._config.temperature, self._config.seed]
        settings += [order.answer_tokens] if order.top_logprobs is None else [order.answer_tokens, order.top_logprobs]
        return key_of(self._model, settings, order.messages, attempt)

    def size(self, order: Order[Any], attempt: int = 0) -> Size:
        """The call for the order; a repeated one has more room, in case the answer was cut."""
        words = "".join(message["content"] for message in order.messages)
        shape = json.dumps(order.schema) if order.schema else ""
        return Size(len((words + shape).encode()), order.answer_tokens * (1 + attempt))

    def _kept(self, orders: Sequence[Order[Any]]) -> Iterator[Usage]:
        """What the answers to `orders` that earlier runs left here took, each once."""
        for order in orders:
            if self.key(order) in self._remembered:
                continue
            self._remembered.add(self.key(order))
            for attempt, body in enumerate(self._bodies(order)):
                if body is None:
                    break
                yield _understood(order, body, self.size(order, attempt))[1]

    def _bodies(self, order: Order[Any]) -> Iterator[str | None]:
        """The kept answer to each attempt."""
        yield from (self._journal.answer(self.key(order, attempt)) for attempt in range(self._attempts))

    def _reply(self, order: Order[AnyRow]) -> Reply[AnyRow]:
        reply: Reply[AnyRow] = Reply()
        for attempt in range(self._attempts):
            try:
                reply = self._attempt(order, attempt)
            except CallFailed as fault:
                return Reply(fault=fault.reason)
            if reply.fault is None:
                return reply
            self._ledger.fail(reply.fault)
        return reply

    def _attempt(self, order: Order[AnyRow], attempt: int) -> Reply[AnyRow]:
        key, size = self.key(order, attempt), self.size(order, attempt)
        body = self._journal.answer(key)
        if body is None:
            reply, usage = self._call(order, self._asked(order, attempt), size, key)
        else:
            reply, usage = _understood(order, body, size)
        self._ledger.receive(
            usage, misshapen=reply.misshapen, is_guessed=reply.usage is None, is_replayed=body is not None
        )
        return reply

    def _asked(self, order: Order[Any], attempt: int) -> Asked:
        config = self._config
        warmth = None if config.temperature is None else min(2.0, config.temperature + WARMER * attempt)
        seed = None if config.seed is None else config.seed + attempt
        most = self.size(order, attempt).answer_tokens
        return Asked(self._model, order.messages, order.schema, most, warmth, seed, order.top_logprobs)

    def _call(self, order: Order[AnyRow], asked: Asked, size: Size, key: str) -> tuple[Reply[AnyRow], Usage]:
        """The answer, kept, and what it took; repeated calls wait longer each time, or as long as the server says."""
        for failures in range(1, self._config.retries + 2):
            try:
                answer = self._paid(order, asked, size, key)
            except CallFailed as fault:
                self._ledger.fail(fault.reason)
                if not fault.may_retry:
                    raise
                if failures > self._config.retries:
                    self._give_up(fault)
                    raise
                pause = fault.pause_seconds or 0.0
                self._pace.hold(pause)
                self._pace.rest(max(pause, backoff_seconds(failures, self._rng)))
                self._ledger.retry()
            else:
                self._dead = 0
                return answer
        raise AssertionError("the last failure is raised above")

    def _paid(self, order: Order[AnyRow], asked: Asked, size: Size, key: str) -> tuple[Reply[AnyRow], Usage]:
        """One call within the budget; its answer is on disk before the money is released."""
        self._ledger.reserve(size)
        spent = None
        try:
            self._pace.enter(size.usual.prompt + size.answer_tokens)
            body = self._server.ask(asked)
            reply, spent = _understood(order, body, size)
            self._journal.add(key, body)
            return reply, spent
        except CallFailed as fault:
            spent = size.most if fault.may_be_charged else None
            raise
        finally:
            self._ledger.release(size, spent)

    def _give_up(self, fault: CallFailed) -> None:
        self._dead += 1
        if self._dead >= max(LEAST_DEAD_CALLS, self._config.concurrency):
            raise self._silence() from fault

    def _silence(self) -> MachineError:
        failed = ", ".join(f"{count} {reason}" for reason, count in self._ledger.failures.most_common(3))
        return MachineError(
            f"{self._config.base_url} gives no answers ({failed}).",
            next_step="See that the server runs, then run the same command: it goes on where it stopped.",
        )


def _understood(order: Order[AnyRow], body: str, size: Size) -> tuple[Reply[AnyRow], Usage]:
    """What a raw answer says, and what it took: a guess where the server counted nothing."""
    reply = order.read(body)
    return reply, reply.usage or Usage(size.usual.prompt, len(body.encode()) // BYTES_PER_TOKEN)
