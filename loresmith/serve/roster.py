"""Several experts open at once on one base model: the router chooses between them, or a request names one.

Everything that answers runs in the one thread of the desk's answers, and the experts change in it too, between two
answers; so no expert is taken away under a question, and none waits for more than the switch itself.

Not covered: an answer from two experts' documents.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loresmith import artifact
from loresmith.answer.bare import Bare
from loresmith.answer.expert import Expert
from loresmith.errors import UserError
from loresmith.models.voices import Voices
from loresmith.pipeline import Project, open_project, stage
from loresmith.recipe import AskConfig
from loresmith.recipe.experts import AUTO, BASE, Roster, RosterEntry
from loresmith.records import Answer, Passage
from loresmith.retrieval.vectors import EmbedderCard
from loresmith.router.decision import Route, Router
from loresmith.serve.expert import OpenExpert, reads_sources
from loresmith.serve.menu import Card

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMED = "named"
"""Why an expert answers that the request asked for."""


@dataclass(frozen=True)
class Member:
    """One expert, open."""

    entry: RosterEntry
    project: Project
    expert: OpenExpert
    index: str
    """The content hash of its index."""


class OpenRoster:
    """Experts, their router and their common base, open; both a `Menu` and what stands behind a desk."""

    def __init__(
        self, roster: Roster, members: Mapping[str, Member], router: Router | None, voices: Voices | None
    ) -> None:
        """Without `voices` the best passages answer, and the base refuses; without a `router` there is no `auto`."""
        self.roster, self.router = roster, router
        self.members = dict(members)
        self.voices = voices
        self.leaving: frozenset[str] = frozenset()
        """Experts that are taken away once the questions before are answered; nobody can ask for them any more."""
        settings = next(iter(members.values())).project.recipe.ask if members else AskConfig()
        self._bare = Bare(None if voices is None else voices.voice(None), settings)

    @property
    def writer(self) -> str | None:
        """Who writes, in words for people; `None` where the best passages are the answer."""
        return None if self.voices is None else f"{self.voices.name} with an adapter for each expert"

    def cards(self) -> Sequence[Card]:
        """`auto`, the experts, `base`; without a router the experts come first."""
        router = [Card(AUTO, "the router chooses")] if self.router is not None else []
        there = [(name, one) for name, one in tuple(self.members.items()) if name not in self.leaving]
        experts = [Card(name, member.entry.description) for name, member in there]
        return [*router, *experts, Card(BASE, "the base model without an adapter and without documents")]

    def put(self, roster: Roster, members: Mapping[str, Member], router: Router | None) -> None:
        """Have these experts from now on; called between two answers."""
        self.roster, self.members, self.router = roster, dict(members), router

    def choose(self, model: str) -> "Choice | None":
        """What answers a request for `model`."""
        return Choice(self, model) if any(card.name == model for card in self.cards()) else None

    def member(self, name: str) -> Member:
        """The expert of that name.

        Raises:
            UserError: it was taken away while the question waited.
        """
        if name not in self.members:
            raise UserError(f"The expert {name!r} is no longer loaded.", next_step="Ask another, or `auto`.")
        return self.members[name]

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer of whom the router chooses, then the whole answer."""
        return self._any().stream(question, max_new_tokens)

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages of all experts, best first; scores are on one scale where all fuse scores."""
        found = [passage for member in tuple(self.members.values()) for passage in member.expert.search(query, k)]
        return sorted(found, key=lambda passage: -passage.score)[:k]

    def bare(self) -> Bare:
        """The base model by itself."""
        return self._bare

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` for the base model; without one, its words."""
        return self._bare.count_tokens(text)

    def passages(self) -> int:
        """Passages in all indexes."""
        return sum(member.expert.passages() for member in tuple(self.members.values()))

    def embedder_name(self) -> str:
        """Whose vectors `embed` gives: those of the first expert's index."""
        return self._first().embedder_name()

    def embedder(self) -> EmbedderCard:
        """Its sizes too."""
        return self._first().embedder()

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Vectors of length 1, one for each text."""
        return self._first().embed(texts)

    def count_embedded(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for the embedder."""
        return self._first().count_embedded(texts)

    def close(self) -> None:
        """Let go of every index and of the model."""
        for member in self.members.values():
            member.expert.close()
        if self.voices is not None:
            self.voices.close()

    def _any(self) -> "Choice":
        return Choice(self, self.cards()[0].name)

    def _first(self) -> OpenExpert:
        return next(iter(self.members.values())).expert


class Choice:
    """One request's choice, by name or by the router, made when its turn comes."""

    def __init__(self, roster: OpenRoster, model: str) -> None:
        self._roster, self._model = roster, model
        self._told: dict[str, Any] | None = None

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer."""
        name, self._told = self._decided(question)
        source = self._roster.bare() if name is None else self._roster.member(name).expert
        with closing(source.stream(question, max_new_tokens)) as pieces:
            yield from pieces

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages of the expert that was named, or of all."""
        if self._model == BASE:
            return []
        return (
            self._roster.search(query, k)
            if self._model == AUTO
            else self._roster.member(self._model).expert.search(query, k)
        )

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` for the common base."""
        return self._roster.count_tokens(text)

    def told(self) -> dict[str, Any] | None:
        """`expert` (or `base`), `why`, and what the router saw where it decided."""
        return self._told

    def _decided(self, question: str) -> tuple[str | None, dict[str, Any]]:
        if self._model == BASE:
            return None, {"expert": BASE, "why": NAMED}
        if self._model != AUTO or self._roster.router is None:
            return self._model, {"expert": self._model, "why": NAMED}
        route = self._roster.router.decide(question)
        if route.expert is not None and route.expert not in self._roster.members:
            return None, {**_words(route), "expert": BASE, "why": "not loaded"}
        return route.expert, _words(route)


def _words(route: Route) -> dict[str, Any]:
    row = route.model_dump(mode="json", exclude_none=True)
    return {"expert": route.expert or BASE, **{key: value for key, value in row.items() if key != "expert"}}


def open_member(entry: RosterEntry, voices: Voices | None) -> Member:
    """The expert of an entry, open, with the voice of its name.

    Raises:
        UserError: its project has no index.
    """
    project = open_project(Path(entry.project))
    with ExitStack() as undo:
        speaker = None if voices is None else voices.voice(entry.name)
        is_grounded = reads_sources(project)
        expert = Expert.open(project.path, speaker, project.recipe.ask, is_grounded=is_grounded)
        undo.callback(expert.close)
        writer = None if speaker is None else speaker.name
        undo.pop_all()
    return Member(entry, project, OpenExpert(project, expert, writer), index_content(project.path))


def index_content(project: Path) -> str:
    """The content hash of the index in the folder `project`.

    Raises:
        ArtifactMissing: there is none.
    """
    return artifact.read(project / stage("index").folder, made_by="index").manifest.content
