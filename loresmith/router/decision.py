"""Which expert a question is for, and why: the router as it is used, loaded from its artifact.

A keyword of one expert decides alone. Else the question's vector does: far from everything that was learned, or
without an expert who is probable enough, nobody is chosen and the base model answers.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.errors import ArtifactCorrupt
from loresmith.plugins import Embedder
from loresmith.records import Record
from loresmith.retrieval.vectors import open_embedder
from loresmith.router.keywords import named
from loresmith.router.linear import Floats, Linear, softmax
from loresmith.router.nearness import nearness

WEIGHTS, FACTS = "router.safetensors", "router.json"
STAGE = "router train"
SURE, KEYWORD, UNSURE, FAR = "probability", "keyword", "unsure", "far"
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Why = Literal["probability", "keyword", "unsure", "far"]


class RouterFacts(Record):
    """`router.json`: what a reader must know before it routes."""

    layout: int = 1
    experts: tuple[str, ...]
    """In the order of the regression's classes."""
    embedder: str
    dimensions: int
    temperature: float
    """What the scores are divided by."""
    least_probability: float
    """Below, the router abstains; above 1 it always does."""
    least_nearness: float
    """Mean cosine with the nearest known questions below which it abstains."""


class Route(Record):
    """Where a question goes."""

    expert: str | None
    """`None`: the router abstains, and the base model answers."""
    why: Why
    """`unsure` and `far` are the two ways to abstain."""
    likeliest: str
    """The expert whom the classifier holds most likely, chosen or not."""
    probability: float
    """Of that expert, calibrated."""
    nearness: float
    """Mean cosine with the nearest known questions."""
    keyword: str | None = None
    """The word that decided, where one did."""


class Router:
    """Decides between the experts that it was trained for. Deciding is not thread-safe: the embedder has one user."""

    def __init__(
        self,
        facts: RouterFacts,
        linear: Linear,
        known: NDArray[np.floating],
        keywords: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`known` are vectors of questions that it learned from."""
        self.facts = facts
        self._linear, self._known = linear, np.asarray(known, dtype=np.float32)
        self._keywords = {name: tuple(words) for name, words in (keywords or {}).items() if name in facts.experts}
        self._embed: Embed | None = None

    def embed_with(self, embed: Embed) -> None:
        """From now on use `embed`, which gives the vectors of the embedder that the facts name."""
        self._embed = embed

    def decide(self, question: str) -> Route:
        """Where `question` goes."""
        return self.decide_all([question])[0]

    def decide_all(self, questions: Sequence[str]) -> list[Route]:
        """Where each question goes."""
        if not questions:
            return []
        return self.decided(questions, self.embed(questions))

    def decided(self, questions: Sequence[str], vectors: NDArray[np.floating]) -> list[Route]:
        """Where each question goes whose vectors are there already; shape (questions, dimensions)."""
        shares, near = self.probabilities(vectors), nearness(vectors, self._known)
        return [
            self._route(question, row, float(value))
            for question, row, value in zip(questions, shares, near, strict=True)
        ]

    def probabilities(self, vectors: NDArray[np.floating]) -> Floats:
        """The calibrated probability of each expert, shape (rows, experts)."""
        return softmax(self._linear.scores(vectors) / self.facts.temperature)

    def embed(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """The vectors by which the router decides."""
        return self._embed(questions) if self._embed is not None else self._embedder.encode(questions)

    @cached_property
    def _embedder(self) -> Embedder:
        return open_embedder(self.facts.embedder)

    def _route(self, question: str, shares: Floats, near: float) -> Route:
        best = int(shares.argmax())
        likeliest, probability = self.facts.experts[best], float(shares[best])
        told = {"likeliest": likeliest, "probability": round(probability, 4), "nearness": round(near, 4)}
        if (hit := named(question, self._keywords)) is not None:
            return Route.model_validate({"expert": hit[0], "why": KEYWORD, "keyword": hit[1], **told})
        if near < self.facts.least_nearness:
            return Route.model_validate({"expert": None, "why": FAR, **told})
        if probability < self.facts.least_probability:
            return Route.model_validate({"expert": None, "why": UNSURE, **told})
        return Route.model_validate({"expert": likeliest, "why": SURE, **told})


def open_router(folder: Path, keywords: Mapping[str, Sequence[str]] | None = None) -> Router:
    """The router in the artifact `folder`, with the `keywords` of each expert.

    Raises:
        ArtifactMissing: none was trained.
        ArtifactCorrupt: its files are damaged.
    """
    return opened(artifact.read(folder, made_by=STAGE), keywords)


def opened(made: Artifact, keywords: Mapping[str, Sequence[str]] | None = None) -> Router:
    """The router in an artifact that was read. Raises as `open_router` does."""
    try:
        facts = RouterFacts.model_validate_json((made / FACTS).read_bytes())
        tensors = load_file(made / WEIGHTS)
        linear = Linear(tensors["weights"].astype(np.float64), tensors["bias"].astype(np.float64))
        known = tensors["known"]
    except (OSError, ValidationError, SafetensorError, KeyError) as fault:
        raise ArtifactCorrupt(made.path, "its files cannot be read", made_by=STAGE) from fault
    if linear.weights.shape != (len(facts.experts), facts.dimensions) or known.shape[1:] != (facts.dimensions,):
        raise ArtifactCorrupt(made.path, "its weights do not fit its facts", made_by=STAGE)
    return Router(facts, linear, known, keywords)
