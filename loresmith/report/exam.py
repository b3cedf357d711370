"""`exam/results.json` as the report needs it: fields that are not shown are passed over."""

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith.artifact import Artifact
from loresmith.errors import ArtifactCorrupt
from loresmith.records import Estimate

IN_MEMORY = ("base", "lora", "rag", "lora+rag")
FURTHER = ("gguf", "endpoint")
"""Stages whose arms sat the exam afterwards."""
ARMS = (*IN_MEMORY, "gguf", "gguf+rag", "endpoint", "endpoint+rag")
WAYS = {
    "base": "the model as it was",
    "lora": "with the adapter",
    "rag": "with retrieved sources",
    "lora+rag": "with adapter and sources",
    "gguf": "the exported file",
    "gguf+rag": "the exported file with sources",
    "endpoint": "the model on the server",
    "endpoint+rag": "the model on the server with sources",
}
OWN_WAY = {"gguf": "lora", "gguf+rag": "lora+rag", "endpoint": "base", "endpoint+rag": "rag"}
"""The arm of the model in memory that answers in the way of a further arm."""
FORMS = {"short": "short answers", "choice": "multiple choice", "long": "long answers", "all": "all questions"}


class Row(BaseModel):
    """Frozen; unknown fields are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Cell(Row):
    """One arm in one exam."""

    arm: str
    exam: str
    form: str
    n: int
    accuracy: Estimate
    token_f1: Estimate | None
    exact: Estimate | None = None
    unparsed: dict[str, int]


class Pair(Row):
    """Two arms on the same questions."""

    name: str
    better: str
    than: str
    exam: str
    form: str
    difference: Estimate
    won: int
    lost: int
    p_holm: float
    visible: float


class Part(Row):
    """One arm on a kind of question or a document."""

    by: str
    name: str
    arm: str
    exam: str
    accuracy: Estimate
    is_small: bool


class Found(Row):
    """How retrieval did."""

    exam: str
    k: int
    hit: Estimate
    reciprocal_rank: Estimate
    quoted: Estimate
    gain: Estimate | None = None


class Learned(Row):
    """One arm on facts that were not known before training, and on those that were."""

    arm: str
    learned: Estimate | None
    kept: Estimate | None


class Known(Row):
    """What the base model knew before training."""

    exam: str
    known: Estimate
    facts: tuple[str, ...]
    arms: tuple[Learned, ...]


class Refusals(Row):
    """How often one arm declines to answer."""

    arm: str
    rightly: Estimate | None
    wrongly: Estimate | None


class Specialist(Row):
    """The adapter of a single domain in one exam, and the same questions without it."""

    adapter: str
    exam: str
    accuracy: Estimate
    base: Estimate | None
    everything: Estimate | None
    p: float | None


class Grounded(Row):
    """What one arm's answers rest on."""

    arm: str
    exam: str
    n: int
    faithful: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    unscored: dict[str, int]


class Wording(Row):
    """How close one arm comes to long references."""

    arm: str
    exam: str
    rouge_l: Estimate | None
    bleu: Estimate | None
    corpus_bleu: float | None
    unscored: dict[str, int]


class LongScores(Row):
    """How much of their references one arm's long answers say."""

    arm: str
    exam: str
    n: int
    token_f1: Estimate
    rouge_l: Estimate | None
    bleu: Estimate | None
    corpus_bleu: float | None
    words: float
    reference_words: float
    cut_off: int
    unread: dict[str, int]
    unscored: dict[str, int]


class LongPair(Row):
    """Two arms on the same long questions."""

    name: str
    than: str
    exam: str
    measure: str
    difference: Estimate
    p_holm: float


class Agreement(Row):
    """A judge beside the exact grading."""

    n: int
    both_right: int
    only_judge: int
    only_exact: int
    both_wrong: int
    raw: Estimate
    kappa: Estimate | None
    unjudged: dict[str, int]


class JudgedArm(Row):
    """What the judge says of one arm's long answers."""

    arm: str
    exam: str
    n: int
    right: int
    partly: int
    wrong: int
    share: Estimate | None
    unjudged: dict[str, int]


class Judged(Row):
    """A judge and its verdicts."""

    model: str
    min_kappa: float
    is_trusted: bool
    words: str
    agreement: Agreement | None
    arms: tuple[JudgedArm, ...]


class HeldText(Row):
    """How well one arm predicts text that was not trained on."""

    arm: str
    passages: int
    bits_per_byte: Estimate | None
    perplexity: Estimate | None
    change: Estimate | None
    unscored: dict[str, int]


class Limited(Row):
    """An exam of which a part was asked."""

    exam: str
    form: str
    asked: int
    available: int


class Verdict(Row):
    """What to do."""

    decision: str
    headline: str
    evidence: tuple[str, ...]
    cautions: tuple[str, ...]
    questions_needed: int | None


class Exam(Row):
    """The whole examination."""

    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    parts: tuple[Part, ...]
    retrieval: tuple[Found, ...]
    limited: tuple[Limited, ...]
    known: tuple[Known, ...] = ()
    """None in an examination of an earlier version."""
    refusals: tuple[Refusals, ...] = ()
    choice_scoring: str = "text"
    scoring: dict[str, str] = {}
    """How choices were made by the arms that sat afterwards."""
    specialists: tuple[Specialist, ...] = ()
    grounded: tuple[Grounded, ...] = ()
    wordings: tuple[Wording, ...] = ()
    held_text: tuple[HeldText, ...] = ()
    long: tuple[LongScores, ...] = ()
    long_pairs: tuple[LongPair, ...] = ()
    judge: Judged | None = None
    judged: tuple[JudgedArm, ...] = ()
    """Of the arms that sat afterwards."""
    verdict: Verdict

    def exams(self) -> tuple[str, ...]:
        """The exams that were held, in order."""
        return tuple(dict.fromkeys(cell.exam for cell in self.cells))

    def forms(self, exam: str) -> tuple[str, ...]:
        """The forms asked in `exam`, without the pooled one."""
        return tuple(dict.fromkeys(cell.form for cell in self.cells if cell.exam == exam and cell.form != "all"))

    def arms(self) -> tuple[str, ...]:
        """The arms that sat, in their order."""
        sat = {cell.arm for cell in self.cells} | {one.arm for one in self.long}
        return tuple(arm for arm in ARMS if arm in sat)

    def cell(self, exam: str, arm: str, form: str = "all") -> Cell | None:
        """One arm's figures, or `None` where it did not sit."""
        return next((c for c in self.cells if (c.exam, c.arm, c.form) == (exam, arm, form)), None)

    def pair(self, exam: str, name: str, form: str = "all") -> Pair | None:
        """One comparison, or `None` where it was not made."""
        return next((p for p in self.pairs if (p.exam, p.name, p.form) == (exam, name, form)), None)


class Further(Row):
    """The exam of a file or a server."""

    examinee: str
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    parts: tuple[Part, ...]
    refusals: tuple[Refusals, ...] = ()
    grounded: tuple[Grounded, ...] = ()
    wordings: tuple[Wording, ...] = ()
    long: tuple[LongScores, ...] = ()
    long_pairs: tuple[LongPair, ...] = ()
    judged: tuple[JudgedArm, ...] = ()
    choice_scoring: dict[str, str]
    cautions: tuple[str, ...] = ()


JOINED = ("cells", "pairs", "parts", "refusals", "grounded", "wordings", "long", "long_pairs", "judged")
"""What arms that sat afterwards add to."""


def joined(exam: Exam, further: Further) -> Exam:
    """The examination with arms that sat afterwards; the verdict is as it was, but for what has to be said of them."""
    verdict = exam.verdict.model_copy(update={"cautions": (*exam.verdict.cautions, *further.cautions)})
    return exam.model_copy(
        update={
            **{key: getattr(exam, key) + getattr(further, key) for key in JOINED},
            "scoring": exam.scoring | further.choice_scoring,
            "verdict": verdict,
        }
    )


def read_further(artifact: Artifact) -> Further:
    """The results of a file's or a server's exam.

    Raises:
        ArtifactCorrupt: they cannot be read.
    """
    try:
        return Further.model_validate_json((artifact / "results.json").read_bytes())
    except (OSError, ValidationError) as fault:
        raise ArtifactCorrupt(artifact.path, "results.json cannot be read", made_by="evaluate") from fault


def read_exam(artifact: Artifact) -> Exam:
    """The results of the examination.

    Raises:
        ArtifactCorrupt: they cannot be read.
    """
    try:
        return Exam.model_validate_json((artifact / "results.json").read_bytes())
    except (OSError, ValidationError) as fault:
        raise ArtifactCorrupt(artifact.path, "results.json cannot be read", made_by="evaluate") from fault
