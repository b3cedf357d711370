"""The teacher that runs here: `teacher: local:PATH`, a model folder or a GGUF file.

The same prompt, parser and journal as for a server; greedy and unconstrained, one chunk at a time. Small models often
fail the shape, which is counted; a server with constrained answers gets more out of the same weights.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.generate.asking.checking import Checking
from loresmith.generate.asking.local_desk import LocalDesk
from loresmith.generate.asking.orders import orders
from loresmith.generate.asking.written import Written
from loresmith.models import locate
from loresmith.models.endpoint.completion import said
from loresmith.progress import Work
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Progress, Question


class LocalTeacher:
    """Asks a model in this process, or llama.cpp beside it."""

    name = "local"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        if not argument.strip():
            raise UserError("The teacher local needs a model.", next_step="Name it: `teacher: local:PATH`.")
        self._source = locate.find(argument.strip())
        self._config = config
        self._written = Written(config, self.name)
        self._checking = Checking(config, self._written)
        self._desk: LocalDesk | None = None
        self._first_body: str | None = None

    def facts(self, chunk: Chunk) -> Iterable[Fact]:
        """What the model said about the chunk when `prepare` asked."""
        return self._written.facts(chunk)

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterable[Question]:
        """The wordings that came with the fact."""
        return self._written.questions(fact, neighbours)

    def prepare(self, chunks: Sequence[Chunk], folder: Path) -> Work[None]:
        """Ask about every chunk that says something; answers that lie in `folder` are taken from there.

        Raises:
            UserError: the model cannot be run.
        """
        placed = orders(chunks, self._config)
        with LocalDesk(self._source, folder) as desk:
            self._desk = desk
            for done, (place, reply) in enumerate(desk.replies(placed), 1):
                self._written.add(placed[place].chunk, reply.rows, placed[place].wish.manner)
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
        """Answers, failures by reason and tokens, in all and for each pair, and what the checks found."""
        counts = self._desk.account(pairs) if self._desk is not None else {}
        return counts | {"checks": self._checking.account()}
