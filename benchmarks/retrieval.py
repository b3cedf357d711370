"""nDCG@10 of the vectors, of full-text search and of both fused, on a collection in the BEIR layout (SciFact).

    python benchmarks/retrieval.py --collection ../shared/data/retrieval/scifact --index /tmp/scifact

The collection is indexed by the real stages once and kept in --index; every document is one chunk. Prints one line per
way of searching with its 95% interval over the queries. Queries of `train` may be used to choose the weight; `test`
only to measure it.
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
from loresmith.retrieval.searcher import Searcher, open_index
from loresmith.statistics import bootstrap

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


def measure(searcher: Searcher, weight: float, asked: Sequence[tuple[str, dict[str, int]]], name: str) -> None:
    """Print one line: nDCG@10 at `weight` of the vectors, and milliseconds per query."""
    searcher.facts = searcher.facts.model_copy(update={"dense_weight": weight})
    searcher.search(asked[0][0], DEPTH)  # models load
    started = time.perf_counter()
    scores = [ndcg([passage.chunk for passage in searcher.search(text, DEPTH)], wanted) for text, wanted in asked]
    milliseconds = 1000 * (time.perf_counter() - started) / len(asked)
    shown = bootstrap(scores, [str(number) for number in range(len(asked))], np.random.default_rng(17), 10_000)
    print(f"{name:<18} {shown.value:.4f}  {shown.low:.4f} to {shown.high:.4f}  n={shown.n}  {milliseconds:.1f} ms")


def main() -> None:
    """Index, search, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collection", type=Path, required=True, help="Folder with corpus, queries and qrels.")
    parser.add_argument("--index", type=Path, required=True, help="Folder that keeps the index.")
    parser.add_argument("--part", choices=("train", "test"), default="test")
    parser.add_argument("--weights", type=float, nargs="*", default=[0.3, 0.5], help="Weights of the vectors.")
    given = parser.parse_args()
    asked = queries(given.collection, given.part)
    with open_index(indexed(given.collection, given.index)) as searcher:
        print(f"{given.collection.name} {given.part}: nDCG@10, {len(searcher)} documents")
        measure(searcher, 1.0, asked, "dense")
        measure(searcher, 0.0, asked, "lexical")
        for weight in given.weights:
            measure(searcher, weight, asked, f"fused at {weight}")


if __name__ == "__main__":
    main()
