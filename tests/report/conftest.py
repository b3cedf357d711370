"""A made-up project with an artifact of every stage, of real records; its texts try to break out of the page."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from loresmith import artifact
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.benchmark import results as benchmarked
from loresmith.evaluate import quality, tally
from loresmith.evaluate.grounding import Lookup
from loresmith.evaluate.held_text import Weighed
from loresmith.evaluate.known import known_already
from loresmith.evaluate.results import Further, Results
from loresmith.evaluate.support import Support
from loresmith.evaluate.verdict import verdict
from loresmith.recipe import Recipe
from loresmith.recipe.settings import ReportSettings
from loresmith.records import Chunk, Document, Estimate, Form, Grade, Question
from loresmith.report.material import Material

HOSTILE = "<script>alert('x')</script> & <img src=x onerror=alert(1)> [link](javascript:alert(1)) `code` | *bold*"
ARMS = {"base": 0.08, "lora": 0.62, "rag": 0.45, "lora+rag": 0.74}
DOCUMENTS = 10
PER_DOCUMENT = 8


def documents() -> Iterator[Document]:
    for number in range(DOCUMENTS):
        digest = f"{number:02d}" * 32
        yield Document(
            id=digest[:16],
            source=f"papers/paper-{number:02d}.pdf",
            title=HOSTILE if number == 0 else f"On the rating of relief valves, part {number + 1}",
            format="pdf",
            pages=6,
            sha256=digest,
            text="text " * 400,
        )


def questions(exam: str) -> Iterator[Question]:
    for document in documents():
        for number in range(PER_DOCUMENT):
            form: Form = "choice" if number % 2 else "short"
            answer = f"{number + 2} bar"
            yield Question(
                id=f"{exam}-{document.id}-{number}",
                fact=f"{document.id}-{number // 2}",
                document=document.id,
                source=document.source,
                page=number + 1,
                chunk=f"c-{document.id}-{number // 2}",
                quote=f"The valve of type {number} is rated {answer}. {HOSTILE}",
                kind="number" if number < 5 else "definition",
                form=form,
                wording=0,
                question=f"What is valve {number} in {document.source} rated? {HOSTILE if number == 0 else ''}",
                answer=answer,
                options=(f"{number + 3} bar", answer, "9 bar", HOSTILE) if form == "choice" else (),
            )


def grades(exam: str) -> Iterator[Grade]:
    rng, of_certainty = np.random.default_rng(3 if exam == "recall" else 4), np.random.default_rng(5)
    for arm, share in ARMS.items():
        for question in questions(exam):
            accuracy = share if exam == "recall" else (share if "rag" in arm else 0.08)
            correct = bool(rng.random() < accuracy)
            unread = not correct and question.form == "short" and bool(rng.random() < 0.1)
            yield Grade(
                question=question.id,
                fact=question.fact,
                document=question.document,
                arm=arm,
                exam=exam,
                form=question.form,
                given=_given(question, correct, unread),
                correct=correct,
                token_f1=1.0 if correct else 0.5,
                unparsed="empty answer" if unread else None,
                likelihoods=likelihoods(question, correct, 0.9 if arm == "base" else 0.5, of_certainty),
            )


def _given(question: Question, correct: bool, unread: bool) -> str:
    if correct or unread:
        return question.answer if correct else ""
    return HOSTILE if question.form == "choice" else f"7 bar {HOSTILE}"


def likelihoods(question: Question, correct: bool, sure: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Of options of which the right one, or where that is missed the hostile one, has about the share `sure`."""
    chosen = question.answer if correct else HOSTILE
    share = min(0.99, max(0.3, sure + 0.2 * float(rng.random() - 0.5)))
    return tuple(round(float(np.log(share if option == chosen else (1 - share) / 3)), 4) for option in question.options)


def results() -> Results:
    """Figures that the examination itself would give for these grades."""
    asked = {question.id: question for exam in ("recall", "transfer") for question in questions(exam)}
    log = tally.Log([grade for exam in ("recall", "transfer") for grade in grades(exam)], asked, 1000, 17)
    lookups = {
        name: Lookup(question=name, chunks=("c",), gold_rank=None if place % 4 == 0 else 1, has_quote=place % 3 > 0)
        for place, name in enumerate(asked)
    }
    found, cells, pairs = tally.retrieval(log, lookups, 4), tally.cells(log), tally.pairs(log)
    return Results(
        cells=cells,
        pairs=pairs,
        parts=tally.parts(log),
        retrieval=found,
        limited=(),
        known=known_already(log),
        grounded=quality.grounded(log, supports(asked)),
        held_text=quality.held_text(log, weighed()),
        verdict=verdict(cells, pairs, found),
    )


def supports(asked: dict[str, Question]) -> list[Support]:
    """Every second statement is supported; one answer in ten was declined."""
    bare = [
        Support(question=name, arm="rag", exam=name.split("-")[0], document=question.document)
        for name, question in asked.items()
        if question.form == "short"
    ]
    counts = {"statements": 2, "supported": 1, "cited": 1, "cited_rightly": 1, "needed": 1, "found": 1}
    return [
        row.model_copy(update={"unscored": "declined to answer"} if place % 10 == 0 else counts)
        for place, row in enumerate(bare)
    ]


def weighed() -> list[Weighed]:
    """The adapter makes held-out text a little likelier."""
    return [
        Weighed(question=f"c{n}", document=f"d{n}", arm=arm, tokens=100, bytes=400, nats=nats + n)
        for arm, nats in (("base", 300.0), ("lora", 280.0))
        for n in range(10)
    ]


def share(same: int, n: int) -> dict[str, Any]:
    return {"same": same, "n": n, "estimate": None}


PARITY = {
    "questions": {"short": 40, "choice": 40},
    "prompts": share(80, 80),
    "grounded": share(80, 80),
    "replies": share(80, 80),
    "stops": share(39, 40),
    "agreement": {
        "short": {"adapter-merged": share(40, 40), "merged-gguf": share(33, 40), "adapter-gguf": share(33, 40)},
        "choice": {"adapter-merged": share(40, 40), "merged-gguf": share(39, 40), "adapter-gguf": share(39, 40)},
    },
    "accuracy": {
        "short": {"adapter": share(25, 40), "merged": share(25, 40), "gguf": share(24, 40)},
        "choice": {"adapter": share(26, 40), "merged": share(26, 40), "gguf": share(26, 40)},
    },
    "min_agreement": 0.95,
    "passed": True,
    "reasons": ["All token ids are the same; the file and the merged model agree on 39 of 40 choices."],
}


class Nothing(BaseModel):
    """Settings of a stage that these tests do not run."""


def made(folder: Path, stage: str, fill: Callable[[Draft], None]) -> Artifact:
    with artifact.create(folder / stage, Plan(stage, Nothing(), inputs={"model": "ab" * 32})) as draft:
        fill(draft)
    return artifact.read(folder / stage, made_by=stage)


def ingest(draft: Draft) -> None:
    for document in documents():
        draft.keep(document)
    draft.drop({"source": f"broken/{HOSTILE}.pdf"}, "encrypted")
    draft.notes["pages_without_text"] = {"papers/paper-03.pdf": [2, 5]}
    draft.notes["read_from_source"] = {"papers/paper-07.pdf": "papers/main.tex", "papers/one.tex": "papers/main.tex"}


def chunk(draft: Draft) -> None:
    for document in documents():
        for number in range(4):
            section = f"{number + 1} Ratings" if number % 2 else "Materials"
            draft.keep(
                Chunk(
                    id=f"c-{document.id}-{number}",
                    document=document.id,
                    source=document.source,
                    title=document.title,
                    headings=(document.title, section, "Details"),
                    page=1,
                    start=0,
                    end=4,
                    kind="prose",
                    text="text",
                )
            )
    draft.counts.update(kept=90, dropped=7, read=97)
    draft.reasons["reference list"] = 7


def generate(draft: Draft) -> None:
    draft.counts.update(kept=640, dropped=212, read=852)
    draft.reasons.update({"duplicate": 120, "number not in quote": 52, "answer in question": 40})
    draft.notes.update(
        facts=160,
        questions=640,
        kinds={"number": 100, "definition": 60},
        forms={"short": 480, "choice": 160},
        documents={document.source: {"facts": 16, "questions": 64} for document in documents()},
        chunks=90,
        chunks_with_facts=71,
    )


def split(draft: Draft) -> None:
    for exam in ("recall", "transfer"):
        for question in questions(exam):
            draft.keep(question, f"{exam}.jsonl")
    sizes = {"train": 420, "validation": 20, "recall": 80, "transfer": 80}
    draft.notes["sets"] = {name: {"rows": rows, "facts": rows // 2} for name, rows in sizes.items()}
    draft.notes["held_out_documents"] = ["papers/paper-09.pdf"]


def index(draft: Draft) -> None:
    draft.notes.update(vectors=90, dimensions=384)


def train(draft: Draft) -> None:
    log = [{"step": step, "loss": 6 * 0.97**step + 0.2} for step in range(5, 105, 5)]
    log += [{"step": step, "validation_loss": 5 * 0.98**step + 0.9} for step in range(20, 101, 20)]
    (draft.path / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in log), encoding="utf-8")
    draft.notes.update(steps=100, epochs=12, conversations=420, tokens=180_000, trained_numbers=491_520)


def evaluate(draft: Draft) -> None:
    for exam in ("recall", "transfer"):
        for grade in grades(exam):
            draft.keep(grade)
    (draft.path / "results.json").write_text(results().model_dump_json(), encoding="utf-8")


def export(draft: Draft) -> None:
    (draft.path / "model.gguf").write_bytes(b"GGUF" * 1000)
    draft.notes.update(quantization="q4_k_m", tensor_types={"Q4_K": 40, "Q6_K": 9}, weight_bytes=3900)
    draft.notes["importance"] = "measured on 600 tokens of 12 training conversations"


def parity(draft: Draft) -> None:
    (draft.path / "results.json").write_text(json.dumps(PARITY), encoding="utf-8")


STAGES = (ingest, chunk, generate, split, index, train, evaluate, export, parity)


def build_parents(folder: Path) -> dict[str, Artifact]:
    """An artifact of every stage before the report."""
    return {fill.__name__: made(folder, fill.__name__, fill) for fill in STAGES}


@pytest.fixture(scope="session")
def parents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    return build_parents(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def settings() -> ReportSettings:
    recipe = Recipe.model_validate({"name": "valves", "report": {"examples": 4, "author": HOSTILE}})
    return ReportSettings(recipe=recipe, rehearsed=True, aside=("gate: 0.05",))


@pytest.fixture
def remake(tmp_path: Path) -> Callable[[str, Callable[[Draft], None]], Artifact]:
    """`remake(stage, fill)`: another artifact of one stage."""
    return lambda stage, fill: made(tmp_path, stage, fill)


@pytest.fixture
def material(settings: ReportSettings, parents: dict[str, Artifact]) -> Material:
    return Material(settings, parents)


def filled(material: Material, twins: dict[str, str], caution: str = "") -> Callable[[Draft], None]:
    """What the arms of `twins` would bring if each answered as its twin in memory."""

    def fill(draft: Draft) -> None:
        own = [
            grade.model_copy(update={"arm": arm})
            for arm, twin in twins.items()
            for grade in material.grades
            if grade.arm == twin
        ]
        for grade in own:
            draft.keep(grade)
        log = tally.Log(own, material.questions, 1000, 17)
        both = tally.Log([*material.grades, *own], material.questions, 1000, 17)
        results = Further(
            examinee="model.gguf",
            cells=tally.cells(log),
            pairs=tally.pairs(both, lambda *_: twins.items()),
            parts=tally.parts(log),
            choice_scoring=dict.fromkeys(twins, "text"),
            cautions=(caution,) if caution else (),
        )
        (draft.path / "results.json").write_text(results.model_dump_json(), encoding="utf-8")

    return fill


@pytest.fixture
def further() -> Callable[..., Callable[[Draft], None]]:
    """`further(material, twins, caution)` fills the artifact of arms that sat afterwards."""
    return filled


def estimate(value: float, n: int) -> Estimate:
    return Estimate(value=value, low=max(-1.0, value - 0.1), high=min(1.0, value + 0.1), n=n, method="Wilson 95%")


REMARKS = {"mmlu": ("the dev split was asked",), "arc_easy": ("arc_easy: 200 of the official 2,376",)}


def benchmark(task: str, adapter: str, limit: int | None, fell: float) -> benchmarked.Results:
    """A benchmark whose figure fell by `fell`, with two subjects."""
    places = (("", 200), ("anatomy", 188), ("virology", 12))
    shares = {"base": 0.6, "lora": 0.6 - fell}
    return benchmarked.Results(
        task=task,
        model="starter",
        adapter=adapter,
        asked=200,
        limit=limit,
        cut=0,
        scores=tuple(
            benchmarked.Score(arm=arm, metric="acc", subject=subject, value=estimate(share, n))
            for arm, share in shares.items()
            for subject, n in places
        ),
        comparisons=(
            benchmarked.Compared(
                better="lora",
                than="base",
                metric="acc",
                difference=estimate(-fell, 200),
                won=4,
                lost=4 + round(200 * fell),
                p=0.001 if fell else 1.0,
                visible=0.04,
            ),
        ),
        setting=benchmarked.Setting(
            form="letter",
            prompt="{question}",
            description="",
            few_shot=5,
            examples="first",
            examples_sha256="ab" * 32,
            chat_template="",
            filters={},
            endings=(),
            max_new_tokens=None,
            dtype="float32",
            harness=f"{task} 1.0",
        ),
        data=benchmarked.Account(
            files=(),
            split="test",
            pool_split="dev",
            rows=14042,
            dropped={},
            official=14042,
            remarks=REMARKS[task],
            sha256="cd" * 32,
        ),
        versions={},
    )


@pytest.fixture(scope="session")
def wide(settings: ReportSettings, parents: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A project with eight arms and two public benchmarks."""
    material, folder = Material(settings, parents), tmp_path_factory.mktemp("wide")
    sat = {
        "gguf": {"gguf": "lora", "gguf+rag": "lora+rag"},
        "endpoint": {"endpoint": "base", "endpoint+rag": "rag"},
    }
    more = {stage: made(folder, stage, filled(material, twins)) for stage, twins in sat.items()}
    adapter = parents["train"].manifest.content
    found = {"mmlu": benchmark("mmlu", adapter, 200, 0.2), "arc_easy": benchmark("arc_easy", adapter, None, 0.0)}
    files = {}
    for name, results in found.items():
        text = results.model_dump_json()
        lies = made(folder, name, lambda draft, text=text: (draft.path / "results.json").write_text(text))  # type: ignore[misc]
        files[f"benchmarks/{name}"] = lies / "results.json"
    return Material(settings, {**parents, **more}, files)


@pytest.fixture
def hostile() -> str:
    return HOSTILE
