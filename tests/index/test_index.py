import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith import artifact, index
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept, UserError
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, IndexConfig, SplitConfig
from loresmith.records import Chunk, Progress, Question
from loresmith.retrieval.journal import Journal
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.retrieval.searcher import open_index

SENTENCES = [
    "The relief valve opens at 4 bar.",
    "Bees dance to tell where nectar is.",
    "Mars has two moons.",
    "Sourdough rises by wild yeast.",
]


def chunk_of(number: int, text: str) -> Chunk:
    return Chunk(
        id=f"c{number}", document=f"d{number % 2}", source=f"{number % 2}.md", title="T", headings=("H", "K"),
        page=None, start=number, end=number + len(text), kind="prose", text=text,
    )  # fmt: skip


def chunked(folder: Path, texts: list[str]) -> Artifact:
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for number, text in enumerate(texts):
            draft.keep(chunk_of(number, text))
    return artifact.read(folder / "chunks", made_by="chunk")


def indexed(folder: Path, texts: list[str], name: str = "index", config: IndexConfig | None = None) -> Artifact:
    plan = Plan("index", config or IndexConfig(), {"chunk": chunked(folder, texts)})
    return finish(index.run(plan, folder / name))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return indexed(tmp_path_factory.mktemp("made"), SENTENCES)


def test_an_index_holds_its_three_files_and_counts_every_chunk(made: Artifact) -> None:
    assert sorted(made.manifest.files) == ["chunks.sqlite", "index.json", "vectors.npy"]
    assert made.manifest.counts == {"kept": 4, "read": 4}


def test_vectors_are_unit_rows_in_the_order_of_the_chunks(made: Artifact) -> None:
    vectors = np.load(made / "vectors.npy")
    assert vectors.dtype == np.float32 and vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    with open_index(made.path) as searcher:
        assert [searcher.search(text, 1)[0].chunk for text in SENTENCES] == ["c0", "c1", "c2", "c3"]


def test_the_settings_lie_with_the_index(tmp_path: Path) -> None:
    made = indexed(tmp_path, SENTENCES[:1], config=IndexConfig(dense_weight=0.3))
    facts = json.loads((made / "index.json").read_text())
    assert (facts["dense_weight"], facts["embedder"], facts["store"], facts["chunks"]) == (0.3, "minilm", "faiss", 1)


def test_the_same_chunks_give_the_same_bytes_in_another_process(made: Artifact, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from loresmith import artifact, index\n"
        "from loresmith.artifact import Plan\n"
        "from loresmith.progress import finish; from loresmith.recipe import IndexConfig\n"
        "chunks = artifact.read(Path(sys.argv[1]), made_by='chunk')\n"
        "print(finish(index.run(Plan('index', IndexConfig(), {'chunk': chunks}), Path(sys.argv[2]))).manifest.content)"
    )
    arguments = [sys.executable, "-c", code, str(made.path.parent / "chunks"), str(tmp_path / "again")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == made.manifest.content


def test_a_changed_chunk_changes_the_content(made: Artifact, tmp_path: Path) -> None:
    assert indexed(tmp_path, [*SENTENCES[:3], "Other."]).manifest.content != made.manifest.content


def test_a_chunk_longer_than_the_window_is_found_by_its_end(tmp_path: Path) -> None:
    long = " ".join(f"Filler sentence number {number} about nothing at all." for number in range(60))
    made = indexed(tmp_path, [f"{long} The giraffe sleeps standing.", long, "Short."])
    assert made.manifest.notes["vectors"] > 5
    with open_index(made.path) as searcher:
        best = searcher.hits("How do giraffes sleep?", 1)[0]
        assert best.passage.chunk == "c0" and best.passage.dense_rank == 1


def test_headings_are_part_of_what_is_searched(tmp_path: Path) -> None:
    made = indexed(tmp_path, ["It opens at 4 bar."])
    with open_index(made.path) as searcher:
        assert searcher.search("K", 1)[0].lexical_rank == 1


def test_progress_counts_up_to_all_vectors(tmp_path: Path) -> None:
    plan = Plan("index", IndexConfig(), {"chunk": chunked(tmp_path, SENTENCES * 20)})
    reports: list[Progress] = []
    finish(index.run(plan, tmp_path / "index"), reports.append)
    assert [(report.done, report.total) for report in reports] == [(64, 80), (80, 80)]


def test_no_chunk_is_no_success_and_keeps_the_old_index(tmp_path: Path) -> None:
    old = indexed(tmp_path, SENTENCES[:1])
    empty = Plan("index", IndexConfig(), {"chunk": chunked(tmp_path / "other", [])})
    with pytest.raises(NothingKept, match="no chunk"):
        finish(index.run(empty, old.path))
    assert artifact.read(old.path, made_by="index").manifest == old.manifest


def test_an_unknown_embedder_names_those_that_are_installed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="minilm"):
        indexed(tmp_path, SENTENCES[:1], config=IndexConfig(embedder="word2vec"))


def test_a_stopped_run_leaves_no_index(tmp_path: Path) -> None:
    work = index.run(Plan("index", IndexConfig(), {"chunk": chunked(tmp_path, SENTENCES * 20)}), tmp_path / "index")
    next(work)
    work.close()
    assert not (tmp_path / "index").exists()


def encoded_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    encode = MiniLmEmbedder.encode

    def watched(self: MiniLmEmbedder, texts: Sequence[str]) -> NDArray[np.float32]:
        seen.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(MiniLmEmbedder, "encode", watched)
    return seen


def test_only_new_and_changed_chunks_are_embedded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed(tmp_path, SENTENCES)
    seen = encoded_by(monkeypatch)
    made = indexed(tmp_path, [SENTENCES[3], "A changed sentence.", SENTENCES[0]])
    assert [text.splitlines()[-1] for text in seen] == ["A changed sentence."]
    with open_index(made.path) as searcher:
        found = [searcher.search(text, 1)[0].text for text in (SENTENCES[3], "A changed sentence.", SENTENCES[0])]
    assert found == [SENTENCES[3], "A changed sentence.", SENTENCES[0]]


def test_nothing_of_a_deleted_chunk_is_left_in_the_files(tmp_path: Path) -> None:
    secret = "Zanzibar quokkas hoard 4711 gold coins."
    old = indexed(tmp_path, [*SENTENCES, secret])
    vector = np.load(old / "vectors.npy")[4].tobytes()
    assert all(part in b"".join(map(Path.read_bytes, old.path.iterdir())) for part in (b"quokkas", vector))
    made = indexed(tmp_path, SENTENCES)
    left = b"".join(
        file.read_bytes() for file in tmp_path.glob("**/*") if file.is_file() and "chunks" not in file.parts
    )
    assert vector not in left and b"quokka" not in left and b"zanzibar" not in left
    with open_index(made.path) as searcher:
        assert all("quokka" not in passage.text for passage in searcher.search(secret, 9))


def test_a_killed_run_goes_on_where_it_was_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{sentence} Number {number}." for number in range(40) for sentence in SENTENCES]
    whole = indexed(tmp_path, texts, "whole")
    plan = Plan("index", IndexConfig(), {"chunk": chunked(tmp_path, texts)})
    work = index.run(plan, tmp_path / "index")
    assert next(work).done == 64
    work.close()
    partial = next((tmp_path / ".index.partial").glob("vectors.partial-*"))
    with partial.open("ab") as file:
        file.write(b"torn")
    seen = encoded_by(monkeypatch)
    made = finish(index.run(plan, tmp_path / "index"))
    assert len(seen) == len(texts) - 64
    assert made.manifest.content == whole.manifest.content


def test_what_was_embedded_for_other_texts_is_not_taken(tmp_path: Path) -> None:
    rows = np.ones((2, 3), dtype=np.float32)
    Journal(tmp_path, ["a", "b"], 3, 2).append(rows)
    assert Journal(tmp_path, ["a", "b"], 3, 2).done == 2
    assert Journal(tmp_path, ["a", "c"], 3, 2).done == 0


def test_a_slice_that_was_cut_off_counts_as_not_written(tmp_path: Path) -> None:
    texts = ["a", "b", "c", "d", "e"]
    Journal(tmp_path, texts, 3, 2).append(np.ones((3, 3), dtype=np.float32))  # one slice and half of the next
    again = Journal(tmp_path, texts, 3, 2)
    assert again.done == 2 and again.rows().shape == (2, 3)
    again.append(np.zeros((2, 3), dtype=np.float32))
    again.append(np.zeros((1, 3), dtype=np.float32))  # the last slice is short
    assert Journal(tmp_path, texts, 3, 2).done == 5


def test_tuning_reads_training_questions_and_lies_with_the_index(tmp_path: Path) -> None:
    texts = [f"The pump number {number} needs {3 * number} watts." for number in range(50)]
    with artifact.create(tmp_path / "split", Plan("split", SplitConfig())) as draft:
        for number, text in enumerate(texts):
            row = Question(
                id=f"q{number}", fact=f"f{number}", document=f"d{number % 2}", source="s", page=None,
                chunk=f"c{number}", quote=text, kind="number", form="short", wording=0, answer="",
                question=f"pump {number}",
            )  # fmt: skip
            draft.keep(row, "train.jsonl")
            draft.keep(row.model_copy(update={"question": "exam"}), "recall.jsonl")
    parents = {"chunk": chunked(tmp_path, texts), "split": artifact.read(tmp_path / "split", made_by="split")}
    plan = Plan("index", IndexConfig(tune=True, fusion="ranks", dense_weight=1.0), parents)
    made = finish(index.run(plan, tmp_path / "index"))
    found = made.manifest.notes["tuned"]
    assert found["questions"] == 50 and found["given"] == 1.0
    facts = json.loads((made / "index.json").read_text())
    assert facts["tuned"] == found and facts["dense_weight"] == found["chosen"]
    assert found["chosen"] < 1.0 and found["gain"][0] > 0  # numbers are words, and all pumps mean the same
