"""How well the router sends questions to the right one of three experts, and leaves those of others to the base.

    python benchmarks/router.py --data ../shared/data --work /tmp/router-benchmark

Biology (OpenStax), security (OWASP) and papers on language models are read, cut, questioned by the rule teacher and
split by the real stages, once, into --work. A quarter of each domain's documents is held out: the router sees no
question of theirs, neither to learn nor to calibrate, and it is measured on them. Two domains for which there is no
expert (speeches, company filings) and questions that people wrote (XQuAD, MMLU, CyberMetric) are asked as well. Beside
it, in the same run and with their bounds chosen on the same calibration questions: the nearest centroid of the same
vectors, and a BM25 vote of the experts' passages.
"""

import argparse
import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from router_questions import (
    DOMAINS,
    FOREIGN,
    MOST_DOCUMENTS,
    MOST_FOREIGN_DOCUMENTS,
    MOST_LEARNED,
    Asked,
    Parts,
    by_section,
    examined,
    rows_of,
    sampled,
    split_project,
    written_by_people,
)

from loresmith import artifact
from loresmith.cli.environment import prepare
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.recipe.experts import Roster, RosterEntry, RouterConfig
from loresmith.records import Chunk, Estimate
from loresmith.retrieval import chunk_table, lexical
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.router import training
from loresmith.router.calibration import balanced, bound_for_share
from loresmith.router.decision import Embed, Router, opened
from loresmith.router.fitting import Labelled, fit
from loresmith.router.questions import lessons, sections_of
from loresmith.statistics import paired_bootstrap, share

VOTERS = 10
Decide = Callable[[Sequence[str]], tuple[list[str], NDArray[np.float64]]]


def remembering() -> Embed:
    """An embedder that embeds no question twice: every contender asks for the same vectors."""
    known: dict[str, NDArray[np.float32]] = {}
    embedder = MiniLmEmbedder()

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embedder.encode(new), strict=True))
        return np.array([known[text] for text in texts])

    return embed


def fitted_by_section(parts: Mapping[str, Parts], config: RouterConfig, embed: Embed) -> Router:
    """A router that learned and was calibrated on these parts."""

    def labelled(texts: Sequence[Sequence[str]]) -> Labelled:
        labels = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
        return Labelled(embed([text for own in texts for text in own]), labels)

    learned, held_out = ([getattr(one, side) for one in parts.values()] for side in ("learned", "held_out"))
    router = fit(labelled(learned), labelled(held_out), tuple(parts), config).router()
    router.embed_with(embed)
    return router


def centroids(learned: Mapping[str, Sequence[str]], router: Router) -> Decide:
    """The expert whose mean question is nearest; sure by how much nearer it is than the second."""
    names = list(learned)
    means = np.array([router.embed(list(learned[name])).mean(axis=0) for name in names])
    means /= np.linalg.norm(means, axis=1, keepdims=True)

    def decide(questions: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
        cosines = router.embed(questions) @ means.T
        ordered = np.sort(cosines, axis=1)
        return [names[best] for best in cosines.argmax(axis=1)], (ordered[:, -1] - ordered[:, -2]).astype(np.float64)

    return decide


def bm25_vote(projects: Mapping[str, Project], work: Path, *, everything: bool) -> Decide:
    """The expert whose passages score most among the ten best of all; sure by its share of these scores.

    Unless `everything`, the passages of the documents that are held out are left out, as for the others.
    """
    chunks: list[Chunk] = []
    for project in projects.values():
        aside = {row.document for row in rows_of(project, "transfer.jsonl")}
        own = artifact.read(project.path / "chunks", made_by="chunk").rows(Chunk)
        chunks += [chunk for chunk in own if everything or chunk.document not in aside]
    of_document = {
        chunk.document: name
        for name, project in projects.items()
        for chunk in artifact.read(project.path / "chunks", made_by="chunk").rows(Chunk)
    }
    path = work / f"bm25-{'all' if everything else 'taught'}.sqlite"
    chunk_table.write(path, [chunk.model_copy(update={"id": str(n)}) for n, chunk in enumerate(chunks)], [])
    connection = sqlite3.connect(path)

    def decide(questions: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
        names, shares = [], []
        for question in questions:
            votes: dict[str, float] = dict.fromkeys(projects, 0.0)
            for position, score in lexical.search(connection, question, VOTERS):
                votes[of_document[chunks[position].document]] += score
            best = max(votes, key=lambda name: votes[name])
            names.append(best)
            shares.append(votes[best] / (sum(votes.values()) or 1.0))
        return names, np.array(shares)

    return decide


@dataclass(frozen=True)
class Contender:
    """A way of choosing: for each question an expert, and whether it abstains."""

    name: str
    choose: Callable[[Sequence[str]], tuple[list[str], list[bool], NDArray[np.float64]]]


def bounded(name: str, decide: Decide, held_out: Mapping[str, Sequence[str]], wished: float) -> Contender:
    """`decide` with the bound on its sureness that leaves `wished` of the calibration questions to the base."""
    texts = [text for own in held_out.values() for text in own]
    labels = np.repeat(np.arange(len(held_out)), [len(own) for own in held_out.values()])
    bound = bound_for_share(decide(texts)[1], balanced(labels, len(held_out)), wished)

    def choose(questions: Sequence[str]) -> tuple[list[str], list[bool], NDArray[np.float64]]:
        names, sure = decide(questions)
        return names, [bool(value < bound) for value in sure], sure

    return Contender(name, choose)


def ours(router: Router) -> Contender:
    """The router with its own bounds."""

    def choose(questions: Sequence[str]) -> tuple[list[str], list[bool], NDArray[np.float64]]:
        routes = router.decide_all(questions)
        sure = np.array([route.probability for route in routes])
        return [route.likeliest for route in routes], [route.expert is None for route in routes], sure

    return Contender("router", choose)


@dataclass(frozen=True)
class Figures:
    """How a contender did on a group of questions; accuracies are `None` where the questions are for nobody."""

    sent: Estimate | None
    """Accuracy among those sent to an expert, by the bounds chosen on the calibration questions."""
    abstained: Estimate
    surest: Estimate | None
    """Accuracy among the surest share of this very group, for a bound that leaves exactly the wished share."""
    forced: Estimate | None
    """Accuracy without any abstention."""


def figures(contender: Contender, asked: Sequence[Asked], wished: float) -> Figures:
    """The figures of a contender on a group."""
    names, aside, sure = contender.choose([one.question for one in asked])
    documents = [one.document for one in asked]
    abstained = share(aside, documents)
    if asked[0].expert is None:
        return Figures(None, abstained, None, None)
    right = [name == one.expert for name, one in zip(names, asked, strict=True)]

    def among(kept: Sequence[int]) -> Estimate | None:
        return share([right[n] for n in kept], [documents[n] for n in kept]) if kept else None

    by_sureness = np.argsort(-sure, kind="stable")[: round((1 - wished) * len(asked))].tolist()
    sent = among([number for number, left in enumerate(aside) if not left])
    return Figures(sent, abstained, among(by_sureness), share(right, documents))


def told(found: Estimate | None) -> str:
    """An estimate for a table."""
    return "–" if found is None else f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def table(contenders: Sequence[Contender], groups: Mapping[str, Sequence[Asked]], wished: float) -> None:
    """Print every group of questions for every contender."""
    head = ("questions", "n", "documents", "chosen by", "right, of those sent", "abstained")
    surest = f"right, surest {1 - wished:.0%}"
    print(f"\n\n| {' | '.join((*head, surest, 'right, all sent'))} |\n|{'---|' * (len(head) + 2)}")
    for name, asked in groups.items():
        clusters = len({one.document for one in asked})
        for contender in contenders:
            found = figures(contender, asked, wished)
            cells = " | ".join(map(told, (found.sent, found.abstained, found.surest, found.forced)))
            print(f"| {name} | {len(asked)} | {clusters} | {contender.name} | {cells} |", flush=True)


def by_expert(asked: Sequence[Asked], names: Sequence[str]) -> dict[str, Sequence[Asked]]:
    """All of them, and those of each expert."""
    return {"all three": asked, **{name: [one for one in asked if one.expert == name] for name in names}}


def compare(first: Contender, others: Sequence[Contender], asked: Sequence[Asked]) -> None:
    """Print by how many points the first is right more often than each other, all forced to choose."""
    texts, documents = [one.question for one in asked], [one.document for one in asked]

    def marks(contender: Contender) -> list[float]:
        return [float(n == one.expert) for n, one in zip(contender.choose(texts)[0], asked, strict=True)]

    mine = marks(first)
    for other in others:
        gain = paired_bootstrap(marks(other), mine, documents, np.random.default_rng(17), 10_000)
        told = f"{gain.value:+.2%} ({gain.low:+.2%} to {gain.high:+.2%})"
        print(f"- {first.name} over {other.name}, none abstaining: {told}")


def calibration(router: Router, asked: Sequence[Asked]) -> None:
    """Print what the router claims beside what comes true."""
    from loresmith.router.measuring import Asked as Known
    from loresmith.router.measuring import measured

    known = [Known(one.question, one.expert, one.document) for one in asked]
    found = measured(known, router.decide_all([one.question for one in asked]))
    print("\n| probability | n | claimed | came true |\n|---|---:|---:|---|")
    for row in found.calibration:
        print(f"| {row.low:g} to {row.high:g} | {row.questions} | {row.claimed:.1%} | {told(row.seen)} |")
    print(f"\nConfusion: {json.dumps(found.confusion)}; reasons of {found.whole.questions}:"
          f" far {found.whole.far}, unsure {found.whole.unsure}")  # fmt: skip


def projects_of(given: argparse.Namespace, domains: Mapping[str, Sequence[str]], most: int) -> dict[str, Project]:
    """The projects of `domains` from at most so many documents each, made where they are not there yet."""
    return {
        name: split_project(name, [given.data / source for source in sources], given.work, most)
        for name, sources in domains.items()
    }


def on_sections(
    parts: Mapping[str, Parts],
    foreign: Mapping[str, Sequence[Asked]],
    config: RouterConfig,
    router: Router,
    vote: Decide,
) -> None:
    """Print how a router of `config` that learned some sections does on others, beside its peers.

    `router` lends its embedder, `vote` is that of all passages.
    """
    wished = config.abstention
    own = fitted_by_section(parts, config, router.embed)
    held = {name: one.held_out for name, one in parts.items()}
    contenders = [
        ours(own),
        bounded("centroids", centroids({name: one.learned for name, one in parts.items()}, router), held, wished),
        bounded("BM25, all documents", vote, held, wished),
    ]
    measured = [one for part in parts.values() for one in part.measured]
    print("\nQuestions of held-out sections, of documents whose other sections taught:", end="")
    print({n: (len(one.learned), len(one.held_out), len(one.measured)) for n, one in parts.items()}, own.facts)
    table(contenders, by_expert(measured, list(parts)) | foreign, wished)
    compare(contenders[0], contenders[1:], measured)
    calibration(own, measured)


def speed(router: Router, asked: Sequence[Asked]) -> None:
    """Print what a decision takes of a router that embeds by itself."""
    router.decide("Which one loads the model?")
    started = time.perf_counter()
    for one in asked:
        router.decide(one.question)
    milliseconds = 1000 * (time.perf_counter() - started) / len(asked)
    print(f"\n{milliseconds:.1f} ms a decision, one at a time, embedding included")


def main() -> None:
    """Prepare, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder of the shared data.")
    parser.add_argument("--work", type=Path, required=True, help="Folder that keeps the projects.")
    parser.add_argument("--abstention", type=float, default=0.1)
    parser.add_argument("--far", type=float, default=RouterConfig().far)
    given = parser.parse_args()
    prepare()  # before torch is loaded
    projects = projects_of(given, DOMAINS, MOST_DOCUMENTS)
    strangers = projects_of(given, FOREIGN, MOST_FOREIGN_DOCUMENTS)
    entries = tuple(RosterEntry(name=name, project=str(project.path)) for name, project in projects.items())
    config = RouterConfig(abstention=given.abstention, far=given.far, most_questions=MOST_LEARNED)
    teaching = training.teaching(Roster(experts=entries, router=config), given.work)
    began = time.perf_counter()
    made = finish(training.run(teaching))
    spent = time.perf_counter() - began
    print(f"trained in {spent:.1f} s, embedding included (0: it was there); {made.manifest.notes}")
    router = opened(made)
    router.embed_with(remembering())
    taught = {
        name: lessons(name, split, sections_of(projects[name].path / "questions"), config)
        for name, split in teaching.splits.items()
    }
    held_out = {name: one.held_out for name, one in taught.items()}
    learned = {name: one.learned for name, one in taught.items()}
    vote = bm25_vote(projects, given.work, everything=True)
    taught_vote = bm25_vote(projects, given.work, everything=False)
    contenders = [
        ours(router),
        bounded("centroids", centroids(learned, router), held_out, given.abstention),
        bounded("BM25, same documents", taught_vote, held_out, given.abstention),
        bounded("BM25, all documents", vote, held_out, given.abstention),
    ]
    own = [one for name, project in projects.items() for one in examined(project, name)]
    foreign = {f"{name}, foreign": examined(project, None) for name, project in strangers.items()}
    people = {name: sampled(asked) for name, asked in written_by_people(given.data).items()}
    among = {text for texts in (learned, held_out) for own_texts in texts.values() for text in own_texts}
    parts = {name: by_section(name, project, among) for name, project in projects.items()}
    on_sections(parts, foreign, config, router, vote)
    print("\nQuestions of held-out documents:", end="")
    table(contenders, by_expert(own, list(projects)) | foreign | people, given.abstention)
    compare(contenders[0], contenders[1:], own)
    calibration(router, own)
    speed(opened(made), own[:100])


if __name__ == "__main__":
    main()
