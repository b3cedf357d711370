"""The teacher behind an OpenAI-compatible server: `teacher: openai:MODEL`.

Calls run side by side; which of them ends first changes nothing in the result, since answers are taken by chunk.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.generate.asking.checking import Checking
from loresmith.generate.asking.orders import orders
from loresmith.generate.asking.written import Written
from loresmith.models.endpoint.completion import said
from loresmith.models.endpoint.desk import Desk
from loresmith.models.endpoint.journal import Journal
from loresmith.models.endpoint.ledger import Ledger
from loresmith.models.endpoint.server import ChatServer
from loresmith.progress import Work
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Progress, Question


class EndpointTeacher:
    """Asks a model on a server, one call a chunk, and one more for each check that the recipe wants."""

    name = "openai"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        self._model = argument.strip()
        if not self._model:
            raise UserError("The teacher openai needs a model.", next_step="Name it: `teacher: openai:MODEL`.")
        self._config = config
        self._written = Written(config, self.name)
        self._checking = Checking(config, self._written)
        self._first_body: str | None = None
        self._ledger = Ledger(config.endpoint)
        self._chunks = {"chunks_asked": 0, "chunks_passed_over": 0, "chunks_without_answer": 0}

    def facts(self, chunk: Chunk) -> Iterable[Fact]:
        """What the server said about the chunk when `prepare` asked."""
        return self._written.facts(chunk)

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterable[Question]:
        """The wordings that came with the fact."""
        return self._written.questions(fact, neighbours)

    def prepare(self, chunks: Sequence[Chunk], folder: Path) -> Work[None]:
        """Ask about every chunk that says something; answers that lie in `folder` are taken from there.

        Raises:
            UserError: the key, the model or the address is wrong, or the budget is reached.
            MachineError: the server cannot be reached or the disk is full.
        """
        journal = Journal(folder)
        placed = orders(chunks, self._config)
        self._chunks |= {"chunks_asked": len(placed), "chunks_passed_over": len(chunks) - len(placed)}
        with ChatServer(self._config.endpoint) as server:
            desk = Desk(self._model, self._config.endpoint, server, journal, self._ledger)
            foreseeing = Checking(self._config, Written(self._config, self.name))
            known, further = foreseeing.foreseen(placed, desk)
            note = desk.announce([*placed, *known], further)
            yield Progress(stage="generate", done=0, total=len(placed), note=note)
            for done, (place, reply) in enumerate(desk.replies(placed), 1):
                self._written.add(placed[place].chunk, reply.rows, placed[place].wish.manner)
                self._chunks["chunks_without_answer"] += reply.fault is not None
                yield Progress(stage="generate", done=done, total=len(placed), note=desk.line())
            self._first_body = desk.first_body(placed)
            yield from self._checking.work(chunks, desk)

    def doubt(self, question: Question) -> str | None:
        """Why the model itself holds `question` to be no good, if the recipe had it asked."""
        return self._checking.fault(question)

    def first_answer(self) -> str | None:
        """What the model said first, in the order of the chunks."""
        return None if self._first_body is None else said(self._first_body)

    def account(self, pairs: int) -> dict[str, Any]:
        """The ledger, how many chunks were asked, passed over and left without an answer, and what the checks found."""
        counts = {"model": self._model, **self._chunks, **self._ledger.account(pairs)}
        return counts | {"checks": self._checking.account()}
