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
import csv
import hashlib
import json
import sqlite3
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loresmith import artifact
from loresmith.pipeline import Project, run
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, Recipe, SplitConfig
from loresmith.recipe.experts import Roster, RosterEntry, RouterConfig
from loresmith.records import Chunk, Estimate, Question
from loresmith.retrieval import chunk_table, lexical
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.router import training
from loresmith.router.calibration import balanced, bound_for_share
from loresmith.router.decision import Embed, Router, opened
from loresmith.router.fitting import Labelled, fit
from loresmith.router.questions import exam, lessons, sections_of
from loresmith.statistics import paired_bootstrap, share

DOMAINS = {
    "biology": ["text/openstax_biology_md.tar.gz"],
    "security": ["text/owasp_cheatsheets_md.tar.gz"],
    "papers": ["pdf/papers", "text/deepseek_docs_md.tar.gz", "text/open_infra_index_md.tar.gz"],
}
FOREIGN = {"speeches": ["text/nltk/state_union.zip"], "filings": ["pdf/financebench"]}
OF_OUR_DOMAINS = {
    "Amazon_rainforest", "Black_Death", "Chloroplast", "Computational_complexity_theory", "Ctenophora", "Immune_system",
    "Oxygen", "Packet_switching", "Pharmacy", "Prime_number",
}  # fmt: skip
"""Articles of XQuAD that one of the experts could claim; they are not asked as foreign."""
SUBJECTS: dict[str, str | None] = {
    "college_biology": "biology",
    "computer_security": "security",
    "philosophy": None,
    "high_school_mathematics": None,
}
"""Of MMLU, and for whom their questions are."""
MOST_DOCUMENTS, MOST_FOREIGN_DOCUMENTS = 60, 16
"""Of one domain, evenly over its files by name: questioning all of them takes an hour and tells the same."""
MOST_FACTS, MOST_LEARNED, MOST_ASKED = 2400, 800, 300
"""Facts of a domain, questions that teach about it, and questions asked of one group, evenly over its order."""
VOTERS = 10
Decide = Callable[[Sequence[str]], tuple[list[str], NDArray[np.float64]]]


@dataclass(frozen=True)
class Asked:
    """A question, whom it is for (`None`: nobody), and the document that clusters it."""

    question: str
    expert: str | None
    document: str


def unpacked(source: Path, work: Path) -> Path:
    """`source`, or the folder in `work` into which it was unpacked."""
    if source.is_dir():
        return source
    folder = work / "documents" / source.name.split(".")[0]
    if not folder.is_dir():
        if source.suffix == ".zip":
            zipfile.ZipFile(source).extractall(folder)
        else:
            with tarfile.open(source) as packed:
                packed.extractall(folder, filter="data")
    return folder


def documents_in(folders: Sequence[Path], most: int) -> tuple[str, ...]:
    """At most `most` of the readable files, evenly over their sorted names."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    files = sorted(path for path in found if path.suffix in (".md", ".txt", ".pdf"))
    files = [path for path in files if path.stem.lower() not in ("license", "readme", "summary")]
    step = max(1.0, len(files) / most)
    return tuple(str(files[int(number * step)]) for number in range(min(most, len(files))))


def split_project(name: str, sources: Sequence[Path], work: Path, most: int) -> Project:
    """The project of a domain, made up to its split from `most` documents; what is there and fresh stays."""
    recipe = Recipe(
        name=name,
        documents=documents_in([unpacked(source, work) for source in sources], most),
        generate=GenerateConfig(max_facts=MOST_FACTS, unanswerable=0.0, true_false=0.0),
        split=SplitConfig(held_out=0.25),
    )
    project = Project(work / name, recipe)
    project.save()
    with project.locked():
        finish(run(project, until="split"), lambda step: print(f"  {name} {step.stage} {step.done}", file=sys.stderr))
    return project


def sampled(group: Sequence[Any], most: int = MOST_ASKED) -> list[Any]:
    """At most `most` of the group, evenly over its order."""
    step = max(1.0, len(group) / most)
    return [group[int(number * step)] for number in range(min(most, len(group)))]


def remembering() -> Embed:
    """An embedder that embeds no question twice: every contender asks for the same vectors."""
    known: dict[str, NDArray[np.float32]] = {}
    embedder = MiniLmEmbedder()

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embedder.encode(new), strict=True))
        return np.array([known[text] for text in texts])

    return embed


@dataclass(frozen=True)
class Parts:
    """Questions of one domain by what they are for: no section is in two parts."""

    learned: list[str]
    held_out: list[str]
    measured: list[Asked]


def by_section(name: str, project: Project, among: AbstractSet[str]) -> Parts:
    """The training questions `among` those given, their sections drawn by lot: 6 in 10 to learn, 2 to calibrate."""
    sections = sections_of(project.path / "questions")
    parts = Parts([], [], [])
    facts: set[str] = set()
    for row in _rows(project, "train.jsonl"):
        if row.question not in among or row.form != "short":
            continue
        place = f"{row.document} {sections.get(row.chunk) or row.chunk}"
        lot = hashlib.sha256(f"section {place}".encode()).digest()[0]
        if lot < 154:
            parts.learned.append(row.question)
        elif row.fact not in facts:  # one wording of a fact
            facts.add(row.fact)
            if lot < 205:
                parts.held_out.append(row.question)
            else:
                parts.measured.append(Asked(row.question, name, f"{name} {row.document}"))
    return parts


def fitted_by_section(parts: Mapping[str, Parts], config: RouterConfig, embed: Embed) -> Router:
    """A router that learned and was calibrated on these parts."""

    def labelled(texts: Sequence[Sequence[str]]) -> Labelled:
        labels = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
        return Labelled(embed([text for own in texts for text in own]), labels)

    learned, held_out = ([getattr(one, side) for one in parts.values()] for side in ("learned", "held_out"))
    router = fit(labelled(learned), labelled(held_out), tuple(parts), config).router()
    router.embed_with(embed)
    return router


def examined(project: Project, expert: str | None) -> list[Asked]:
    """A question of facts of the documents held out."""
    rows = sampled(exam(artifact.read(project.path / "split", made_by="split")))
    return [Asked(row.question, expert, f"{project.recipe.name} {row.document}") for row in rows]


def written_by_people(data: Path) -> dict[str, list[Asked]]:
    """Questions of other sets: two of our domains, and articles and subjects of none."""
    found: dict[str, list[Asked]] = {}
    articles = json.loads((data / "eval/squad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    found["XQuAD, foreign articles"] = [
        Asked(one["question"], None, article["title"])
        for article in articles
        if article["title"] not in OF_OUR_DOMAINS
        for paragraph in article["paragraphs"]
        for one in paragraph["qas"]
    ]
    found["XQuAD, Immune system and Chloroplast"] = [
        Asked(one["question"], "biology", f"{article['title']} {number}")
        for article in articles
        if article["title"] in ("Immune_system", "Chloroplast")
        for number, paragraph in enumerate(article["paragraphs"])
        for one in paragraph["qas"]
    ]
    for subject, expert in SUBJECTS.items():
        with (data / f"eval/mmlu_hendrycks_format/test/{subject}_test.csv").open(encoding="utf-8", newline="") as file:
            rows = [row[0] for row in csv.reader(file)]
        found[f"MMLU {subject}"] = [Asked(text, expert, str(number)) for number, text in enumerate(rows)]
    metric = json.loads((data / "eval/security/CyberMetric-500-v1.json").read_text(encoding="utf-8"))["questions"]
    found["CyberMetric"] = [Asked(one["question"], "security", str(number)) for number, one in enumerate(metric)]
    return found


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
        aside = {row.document for row in _rows(project, "transfer.jsonl")}
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


def _rows(project: Project, name: str) -> list[Question]:
    return list(artifact.read(project.path / "split", made_by="split").rows(Question, name))


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


def main() -> None:
    """Prepare, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder of the shared data.")
    parser.add_argument("--work", type=Path, required=True, help="Folder that keeps the projects.")
    parser.add_argument("--abstention", type=float, default=0.1)
    parser.add_argument("--far", type=float, default=RouterConfig().far)
    given = parser.parse_args()
    projects = {
        name: split_project(name, [given.data / source for source in sources], given.work, MOST_DOCUMENTS)
        for name, sources in DOMAINS.items()
    }
    strangers = {
        name: split_project(name, [given.data / source for source in sources], given.work, MOST_FOREIGN_DOCUMENTS)
        for name, sources in FOREIGN.items()
    }
    entries = tuple(RosterEntry(name=name, project=str(project.path)) for name, project in projects.items())
    config = RouterConfig(abstention=given.abstention, far=given.far, most_questions=MOST_LEARNED)
    teaching = training.teaching(Roster(experts=entries, router=config), given.work)
    began = time.perf_counter()
    made = finish(training.run(teaching))
    print(
        f"trained in {time.perf_counter() - began:.1f} s, embedding included (0: it was there); {made.manifest.notes}"
    )
    router, embed = opened(made), remembering()
    router.embed_with(embed)
    taught = {
        name: lessons(name, split, sections_of(projects[name].path / "questions"), config)
        for name, split in teaching.splits.items()
    }
    held_out = {name: one.held_out for name, one in taught.items()}
    learned = {name: one.learned for name, one in taught.items()}
    contenders = [
        ours(router),
        bounded("centroids", centroids(learned, router), held_out, given.abstention),
        bounded("BM25, same documents", bm25_vote(projects, given.work, everything=False), held_out, given.abstention),
        bounded("BM25, all documents", bm25_vote(projects, given.work, everything=True), held_out, given.abstention),
    ]
    own = [one for name, project in projects.items() for one in examined(project, name)]
    foreign = {f"{name}, foreign": examined(project, None) for name, project in strangers.items()}
    people = {name: sampled(asked) for name, asked in written_by_people(given.data).items()}
    among = {text for texts in (learned, held_out) for own_texts in texts.values() for text in own_texts}
    parts = {name: by_section(name, project, among) for name, project in projects.items()}
    by_sections = fitted_by_section(parts, config, embed)
    held = {name: one.held_out for name, one in parts.items()}
    beside = [
        ours(by_sections),
        bounded("centroids", centroids({n: one.learned for n, one in parts.items()}, router), held, given.abstention),
        bounded("BM25, all documents", bm25_vote(projects, given.work, everything=True), held, given.abstention),
    ]
    measured = [one for part in parts.values() for one in part.measured]
    print("\nQuestions of held-out sections, of documents whose other sections taught:", end="")
    print({n: (len(one.learned), len(one.held_out), len(one.measured)) for n, one in parts.items()}, by_sections.facts)
    table(beside, by_expert(measured, list(projects)) | foreign, given.abstention)
    compare(beside[0], beside[1:], measured)
    calibration(by_sections, measured)
    print("\nQuestions of held-out documents:", end="")
    table(contenders, by_expert(own, list(projects)) | foreign | people, given.abstention)
    compare(contenders[0], contenders[1:], own)
    calibration(router, own)
    fresh = opened(made)
    fresh.decide("Which one loads the model?")
    started = time.perf_counter()
    for one in own[:100]:
        fresh.decide(one.question)
    milliseconds = 1000 * (time.perf_counter() - started) / len(own[:100])
    print(f"\n{milliseconds:.1f} ms a decision, one at a time, embedding included")


if __name__ == "__main__":
    main()
