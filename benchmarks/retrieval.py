"""nDCG@10 of the vectors, of full-text search, of both fused and of late reranking, on SciFact or another collection.

    python benchmarks/retrieval.py --collection ../shared/data/retrieval/scifact --index /tmp/scifact

The collection, in the BEIR layout, is indexed by the real stages once and kept in --index; a document is one chunk. The
weights of both fusions are tuned on the queries of `train`. Then one line is printed for each way of searching, with
its 95% interval over the queries of `test`, which choose nothing; with `--part train`, over those of `train`.
"""

import argparse
import csv
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from loresmith import artifact, index
from loresmith.artifact import Artifact, Plan
from loresmith.errors import ArtifactMissing
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, IndexConfig
from loresmith.records import Chunk
from loresmith.retrieval.fuse import Fusion
from loresmith.retrieval.searcher import Searcher, open_index
from loresmith.statistics import bootstrap, paired_bootstrap

DEPTH = 10


def ndcg(found: Sequence[str], wanted: Mapping[str, int]) -> float:
    """Discounted gain of the first ten of `found` over the best possible (Järvelin and Kekäläinen 2002)."""
    gain = sum(wanted.get(name, 0) / math.log2(rank + 1) for rank, name in enumerate(found[:DEPTH], 1))
    best = sorted(wanted.values(), reverse=True)[:DEPTH]
    return gain / sum(value / math.log2(rank + 1) for rank, value in enumerate(best, 1))


def documents(collection: Path) -> Iterator[Chunk]:
    """Every document of the collection as one chunk."""
    for line in (collection / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Chunk(
            id=row["_id"],
            document=row["_id"],
            source=row["_id"],
            title=row["title"],
            headings=(),
            page=None,
            start=0,
            end=len(row["text"]),
            kind="prose",
            text=row["text"],
        )


def queries(collection: Path, part: str) -> list[tuple[str, dict[str, int]]]:
    """Queries of a part with the relevance of their documents."""
    wanted: dict[str, dict[str, int]] = {}
    with (collection / "qrels" / f"{part}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            wanted.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    lines = (collection / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["_id"]: row["text"] for row in map(json.loads, lines)}
    return [(texts[name], relevance) for name, relevance in wanted.items() if any(relevance.values())]


def indexed(collection: Path, folder: Path) -> Path:
    """The index of the collection, made where it is not there yet."""
    try:
        return artifact.read(folder / "index", made_by="index").path
    except ArtifactMissing:
        pass
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for chunk in documents(collection):
            draft.keep(chunk)
    chunks: Artifact = artifact.read(folder / "chunks", made_by="chunk")
    work = index.run(Plan("index", IndexConfig(), {"chunk": chunks}), folder / "index")
    return finish(work, lambda step: print(f"{step.done}/{step.total} vectors", file=sys.stderr)).path


def best_weight(searcher: Searcher, fusion: Fusion, asked: Sequence[tuple[str, dict[str, int]]]) -> float:
    """The weight of the vectors, in steps of 0.05, whose nDCG@10 over `asked` is highest."""
    names = dict(enumerate(chunk.id for chunk, _ in searcher.stored()))
    found = [(searcher.candidates(text), wanted) for text, wanted in asked]

    def mean(weight: float) -> float:
        ranked = ((one.ranked(fusion, weight)[:DEPTH], wanted) for one, wanted in found)
        return float(np.mean([ndcg([names[place] for place, _ in first], wanted) for first, wanted in ranked]))

    return max((round(step / 20, 2) for step in range(21)), key=mean)


def measure(
    searcher: Searcher, settings: Mapping[str, object], asked: Sequence[tuple[str, dict[str, int]]], name: str
) -> list[float]:
    """Print one line, nDCG@10 with these `settings` and milliseconds per query; the figure of each query."""
    searcher.facts = searcher.facts.model_copy(update=dict(settings))
    searcher.search(asked[0][0], DEPTH)  # models load
    started = time.perf_counter()
    scores = [ndcg([passage.chunk for passage in searcher.search(text, DEPTH)], wanted) for text, wanted in asked]
    milliseconds = 1000 * (time.perf_counter() - started) / len(asked)
    clusters = [str(number) for number in range(len(asked))]
    shown = bootstrap(scores, clusters, np.random.default_rng(17), 10_000)
    print(f"{name:<34} {shown.value:.4f}  {shown.low:.4f} to {shown.high:.4f}  n={shown.n}  {milliseconds:.1f} ms",
          flush=True)  # fmt: skip
    return scores


def main() -> None:
    """Index, search, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collection", type=Path, required=True, help="Folder with corpus, queries and qrels.")
    parser.add_argument("--index", type=Path, required=True, help="Folder that keeps the index.")
    parser.add_argument("--part", choices=("train", "test"), default="test")
    parser.add_argument("--without-late", action="store_true", help="Leave the reranking out; it embeds candidates.")
    given = parser.parse_args()
    tuning = queries(given.collection, "train")
    asked = queries(given.collection, given.part)
    with open_index(indexed(given.collection, given.index)) as searcher:
        print(f"{given.collection.name} {given.part}: nDCG@10, {len(searcher)} documents")
        ranks = best_weight(searcher, "ranks", tuning)
        scores = best_weight(searcher, "scores", tuning)
        plain = IndexConfig()
        by_rank, by_score = {"fusion": "ranks", "rerank": "off"}, {"fusion": "scores", "rerank": "off"}
        as_published(searcher, asked)
        measure(searcher, {**by_rank, "dense_weight": 1.0}, asked, "dense, best window")
        measure(searcher, {**by_rank, "dense_weight": 0.0}, asked, "lexical")
        before = measure(searcher, {**by_rank, "dense_weight": plain.dense_weight}, asked,
                         f"ranks, as given, {plain.dense_weight}")  # fmt: skip
        measure(searcher, {**by_rank, "dense_weight": ranks}, asked, f"ranks, tuned on train, {ranks}")
        measure(searcher, {**by_score, "cosine_weight": plain.cosine_weight}, asked,
                f"scores, as given, {plain.cosine_weight}")  # fmt: skip
        after = measure(searcher, {**by_score, "cosine_weight": scores}, asked, f"scores, tuned on train, {scores}")
        compare(before, after, "scores, tuned, over ranks, as given")
        if given.without_late:
            return
        late = {"rerank": "late", "cosine_weight": plain.cosine_weight, "late_weight": plain.late_weight}
        reranked = measure(searcher, {**by_score, **late}, asked, "scores, reranked")
        compare(after, reranked, "reranked over scores, tuned")


def as_published(searcher: Searcher, asked: Sequence[tuple[str, dict[str, int]]]) -> None:
    """Print nDCG@10 of one vector per document, of its beginning alone: so published figures of MiniLM are made."""
    from loresmith.retrieval.minilm import MiniLmEmbedder

    stored = [(chunk.id, rows[0]) for chunk, rows in searcher.stored()]
    rows = np.stack([row for _, row in stored])
    cosines = MiniLmEmbedder().encode([text for text, _ in asked]) @ rows.T
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    scores = [ndcg([stored[place][0] for place in line], wanted) for line, (_, wanted) in zip(best, asked, strict=True)]
    clusters = [str(number) for number in range(len(scores))]
    shown = bootstrap(scores, clusters, np.random.default_rng(17), 10_000)
    print(f"{'dense, cut at the window':<34} {shown.value:.4f}  {shown.low:.4f} to {shown.high:.4f}  n={shown.n}")


def compare(before: Sequence[float], after: Sequence[float], name: str) -> None:
    """Print the gain with its paired interval."""
    clusters = [str(number) for number in range(len(before))]
    gain = paired_bootstrap(before, after, clusters, np.random.default_rng(17), 10_000)
    print(f"{name:<34} {gain.value:+.4f}  {gain.low:+.4f} to {gain.high:+.4f}")


if __name__ == "__main__":
    main()
