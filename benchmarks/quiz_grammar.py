"""Quiz questions under a grammar: how many replies parse, how many questions pass every check, how long one takes.

    python benchmarks/quiz_grammar.py --data ../shared/data --questions 1000 --output results.md

Two models (the bundled starter; stories260K, a real tiny model that has read children's stories), both backends
(transformers; the same weights as a GGUF file in llama.cpp) and the designs `choose` and `free`, on passages of
OpenStax Biology in the order of its files. Both backends of a model get the same orders. Every reply is written to a
journal in the work folder, so that a run that was stopped goes on where it was.
"""

import argparse
import json
import platform
import shutil
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import stories
import story_gguf

from loresmith.chunk.cut import chunks_of
from loresmith.cli.environment import prepare
from loresmith.ingest.markdown import MarkdownReader
from loresmith.models.locate import find
from loresmith.models.speaker import Filler
from loresmith.quiz.order import Design, Order
from loresmith.quiz.spans import Library
from loresmith.quiz.writing import Author, Written
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document
from loresmith.statistics import wilson

MODELS = ("stories260K", "starter")
BACKENDS = ("transformers", "llama.cpp")
TEMPLATE = "{%- for m in messages -%}{{- m['content'] + '\\n' -}}{%- endfor -%}"
AT_ONCE = 32


def passages(data: Path, work: Path, most: int) -> list[Chunk]:
    """Chunks of whole documents of the book, at least `most` of them."""
    chunks: list[Chunk] = []
    with tarfile.open(data / "text" / "openstax_biology_md.tar.gz") as book:
        for member in sorted(book.getmembers(), key=lambda one: one.name):
            held = book.extractfile(member) if member.name.startswith("contents/") else None
            if held is None or len(chunks) >= most:
                continue
            page = work / "page.md"
            page.write_bytes(held.read())
            read = MarkdownReader().read(page)
            document = Document(
                id=member.name[-9:-3], source=member.name, title=read.title, format="markdown", pages=None,
                sha256="0" * 64, text=read.markdown,
            )  # fmt: skip
            chunks.extend(chunks_of(document, ChunkConfig(overlap=0)))
    return chunks


def folder_of(model: str, data: Path, work: Path) -> Path:
    """The model as a folder of transformers, with a chat template."""
    if model == "starter":
        return find("starter").path
    folder = work / model
    if not (folder / "chat_template.jinja").exists():
        stories.convert(data / "models" / model, folder)
        (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    return folder


def opened(model: str, backend: str, data: Path, work: Path) -> Filler:
    """The model, ready to write."""
    folder = folder_of(model, data, work)
    if backend == "transformers":
        from loresmith.models.language import open_model

        model = open_model(find(str(folder)))
        model.batch_size = AT_ONCE
        return model
    from loresmith.models.gguf import GgufModel

    path = work / f"{model}.gguf"
    if not path.exists():
        _export(model, folder, path)
    return GgufModel(path)


def _export(model: str, folder: Path, path: Path) -> None:
    if model != "starter":
        story_gguf.convert(folder, path)
        return
    from loresmith.export import shipping
    from loresmith.models.lora_weights import NO_UPDATE
    from loresmith.recipe import ExportConfig, ModelConfig
    from loresmith.recipe.settings import ExportSettings

    settings = ExportSettings(model=ModelConfig(base="starter"), export=ExportConfig(quantization="q8_0"))
    for _ in shipping.write(shipping.prepare(settings, NO_UPDATE, path.parent), path):
        pass


def ordered(author: Author, chunks: Sequence[Chunk], count: int) -> list[Order]:
    """The first `count` orders, passage by passage."""
    return list(islice((order for chunk in chunks for order in author.orders(chunk)), count))


def measured(author: Author, orders: Sequence[Order], journal: Path) -> list[dict[str, Any]]:
    """One row for each order; those in the journal are not asked again."""
    rows = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    made = Written(questions=[_question(row) for row in rows if row["question"]])
    with journal.open("a", encoding="utf-8") as kept:
        for start in range(len(rows), len(orders), AT_ONCE):
            some = orders[start : start + AT_ONCE]
            before, began = len(made.questions), time.monotonic()
            dropped = len(made.dropped)
            author.take(some, (), made, np.random.default_rng(start))
            seconds = (time.monotonic() - began) / len(some)
            good = [{"question": one.model_dump(mode="json"), "reason": None} for one in made.questions[before:]]
            bad = [{"question": None, "reason": reason} for _, reason in made.dropped[dropped:]]
            for row in (*good, *bad):
                rows.append({**row, "seconds": seconds})
                kept.write(json.dumps(rows[-1]) + "\n")
            kept.flush()
            print(f"{journal.stem}: {len(rows)} of {len(orders)}, {len(made.questions)} verified", flush=True)
    return rows


def _question(row: dict[str, Any]) -> Any:
    from loresmith.records import Question

    return Question.model_validate(row["question"])


def runs(given: argparse.Namespace) -> Iterator[tuple[str, str, Design, list[dict[str, Any]]]]:
    """Model, backend, design and what came of it."""
    given.work.mkdir(parents=True, exist_ok=True)
    library = Library(passages(given.data, given.work, given.passages))
    known: dict[tuple[str, str], list[Order]] = {}
    for design in given.designs.split(","):
        for model in given.models.split(","):
            for backend in given.backends.split(","):
                with closing(opened(model, backend, given.data, given.work)) as filler:
                    author = Author(filler, library, design)
                    if (model, design) not in known:
                        known[model, design] = ordered(author, library.chunks(), given.questions)
                    orders = known[model, design]
                    name = f"{model}-{backend}-{design}"
                    yield model, backend, design, measured(author, orders, given.work / f"{name}.jsonl")


def line(model: str, backend: str, design: str, rows: Sequence[dict[str, Any]]) -> str:
    """A row of the table."""
    if not rows:
        return f"| {design} | {model} | {backend} | the window is too small | | | | |"
    parsed = sum(row["reason"] != "the reply is no question" for row in rows)
    verified = sum(row["reason"] is None for row in rows)
    share = wilson(verified, len(rows))
    fell = Counter(row["reason"] for row in rows if row["reason"] is not None).most_common(3)
    seconds = sum(row["seconds"] for row in rows) / len(rows)
    return (
        f"| {design} | {model} | {backend} | {parsed} of {len(rows)} | {verified} | {share.value:.3f} "
        f"({share.low:.3f} to {share.high:.3f}) | {seconds:.2f} | "
        + "; ".join(f"{reason}: {count}" for reason, count in fell)
        + " |"
    )


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("quiz-grammar"), help="Journals and models; may be resumed.")
    parser.add_argument("--questions", type=int, default=1000, help="For each combination.")
    parser.add_argument("--passages", type=int, default=2300, help="At least so many chunks are read.")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--designs", default="choose,free")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    prepare()  # before torch is loaded
    lines = [
        "| design | model | backend | parses | verified | share, 95% interval | s/question | fell for |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    for model, backend, design, rows in runs(given):
        lines.append(line(model, backend, design, rows))
        print(lines[-1], flush=True)
        if given.output:
            libraries = ", ".join(
                f"{name} {version(name)}" for name in ("llguidance", "xllamacpp", "transformers", "torch")
            )
            told = f"Python {platform.python_version()}, {libraries}.\n\n"
            given.output.write_text(told + "\n".join(lines) + "\n", encoding="utf-8")
    shutil.rmtree(given.work / "page.md", ignore_errors=True)


if __name__ == "__main__":
    main()
