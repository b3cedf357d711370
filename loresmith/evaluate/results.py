"""What an examination found: the shape of `results.json`.

Floats are rounded to six places, so that the same answers give the same bytes. `None` means unknown.
"""

from collections.abc import Iterator
from typing import Literal

from loresmith.records import Estimate, Form, Record

Scope = Literal["short", "choice", "long", "all"]
"""One form of question, or all pooled that are right or wrong; long answers are so only where a judge graded them."""
Measure = Literal["rouge_l", "bleu", "token_f1"]
Scoring = Literal["text", "letter", "written"]
"""How choices are made: by the likelihood of each option's words, by that of its letter, or by a letter that is read
out of what was written. Figures of different ways are never compared."""


class Cell(Record):
    """How one arm did in one exam."""

    arm: str
    exam: str
    form: Scope
    n: int
    accuracy: Estimate
    token_f1: Estimate | None
    """Mean over short answers; `None` where there are none."""
    exact: Estimate | None = None
    """Share of short answers whose words equal the reference's; `None` where none were compared."""
    unparsed: dict[str, int]
    """Answers that could not be read, by reason; each counts as wrong."""


class Pair(Record):
    """Two arms on the same questions."""

    name: str
    """Such as `lora - base`: what was gained by the first over the second."""
    better: str
    """The arm on the left of the minus."""
    than: str
    exam: str
    form: Scope
    difference: Estimate
    """Of accuracy, as shares of 1."""
    token_f1: Estimate | None
    won: int
    """Questions that only `better` got right."""
    lost: int
    """Questions that only `than` got right."""
    p: float
    """Exact McNemar."""
    p_holm: float
    """Adjusted for all pairs of the same exam and form."""
    visible: float
    """The smallest difference that so many questions show with 80% power."""


class Part(Record):
    """One arm on a part of an exam: a kind of question, or a document."""

    by: Literal["kind", "document"]
    name: str
    """The kind, or the document's source."""
    arm: str
    exam: str
    form: Scope
    accuracy: Estimate
    is_small: bool
    """Fewer than 20 questions: look, but conclude nothing."""


class Found(Record):
    """Whether retrieval brought what was asked about."""

    exam: str
    k: int
    hit: Estimate
    """Share of questions whose own chunk is among the `k` passages."""
    reciprocal_rank: Estimate
    """Mean of 1 / rank of that chunk, 0 where it is absent."""
    quoted: Estimate
    """Share of questions whose quote stands in the sources as the model saw them."""
    gain: Estimate | None = None
    """Mean nDCG: 1 where all chunks that a question rests on come first, discounted by log2 of the rank."""


class Learned(Record):
    """One arm on the facts that the base did not know, and on those that it knew."""

    arm: str
    learned: Estimate | None
    """Share that it answers of the facts that were not known; `None` where all were."""
    kept: Estimate | None
    """Share that it still answers of the facts that were known; `None` where none was."""


class Known(Record):
    """What the base model knew before training, by its short answers without sources."""

    exam: str
    known: Estimate
    """Share of the short questions that it answered right."""
    facts: tuple[str, ...]
    """Ids of the facts known already."""
    arms: tuple[Learned, ...]


class Refusals(Record):
    """How often one arm declines to answer, among its short answers."""

    arm: str
    rightly: Estimate | None
    """Share of the questions that the documents do not answer; `None` where none was asked."""
    wrongly: Estimate | None
    """Share of the questions that they do answer."""


class Specialist(Record):
    """The adapter of a single domain in one exam, on the questions of its own documents, forms pooled."""

    adapter: str
    exam: str
    accuracy: Estimate
    base: Estimate | None
    """The base model on the same questions; `None` where that arm did not sit."""
    everything: Estimate | None
    """The adapter that learned everything, on the same questions."""
    p: float | None
    """Exact McNemar against the base."""


class Grounded(Record):
    """How one arm's short answers rest on the sources before them. Shares are over statements, citations, quotes."""

    arm: str
    exam: str
    n: int
    """Answers measured."""
    faithful: Estimate | None
    """Share of their statements that the passages support; `None` where there are none."""
    precision: Estimate | None
    """Share of their citations that are right."""
    recall: Estimate | None
    """Share of the quotes that the questions rest on whose passage is cited."""
    unscored: dict[str, int]
    """Answers without such figures, by reason."""


class Wording(Record):
    """How close one arm comes to long references, in the same words."""

    arm: str
    exam: str
    rouge_l: Estimate | None
    bleu: Estimate | None
    """Mean over answers, each on its own."""
    corpus_bleu: float | None
    """Of all answers together, as papers report it; it has no interval."""
    unscored: dict[str, int]


class LongScores(Record):
    """How much of their references one arm's long answers say in the same words: means over answers, 0 to 1.

    Not whether they are right.
    """

    arm: str
    exam: str
    n: int
    token_f1: Estimate
    rouge_l: Estimate | None
    """`None` where the packages are not installed; so too `bleu`."""
    bleu: Estimate | None
    corpus_bleu: float | None
    """Of all answers together, as papers report it; it has no interval."""
    words: float
    """Written in an answer, on average."""
    reference_words: float
    cut_off: int
    """Answers that ran past the token limit; scored as far as they go."""
    unread: dict[str, int]
    """Answers with another fault, by reason; an empty one scores 0."""
    unscored: dict[str, int]


class LongPair(Record):
    """Two arms on the same long questions, by one measure."""

    name: str
    better: str
    than: str
    exam: str
    measure: Measure
    difference: Estimate
    p_holm: float
    """Read off the interval, adjusted for all pairs of the same exam and measure."""


class Agreement(Record):
    """A judge beside the exact grading, on the same answers; what is partly right counts as wrong."""

    n: int
    both_right: int
    only_judge: int
    """Right by the judge, wrong by the exact grading, which takes no other words."""
    only_exact: int
    both_wrong: int
    raw: Estimate
    """Share of the answers that both grade alike."""
    kappa: Estimate | None
    """Cohen's, beyond chance; `None` where chance explains all."""
    unjudged: dict[str, int]
    """Replies that could not be used, by reason."""


class JudgedArm(Record):
    """What the judge says of one arm's long answers."""

    arm: str
    exam: str
    n: int
    right: int
    partly: int
    wrong: int
    share: Estimate | None
    """Of right ones among those with a verdict."""
    unjudged: dict[str, int]


class Judged(Record):
    """A judge, what it is worth, and its verdicts."""

    model: str
    server: str
    min_kappa: float
    is_trusted: bool
    """Its verdicts are grades, and count in the verdict and in gates."""
    words: str
    agreement: Agreement | None
    """`None` where no answer of known grade got a verdict."""
    arms: tuple[JudgedArm, ...]


class HeldText(Record):
    """How well one arm predicts text that was never trained on. Lower is better."""

    arm: str
    passages: int
    bits_per_byte: Estimate | None
    """Independent of the tokenizer."""
    perplexity: Estimate | None
    """Per token; its `n` counts tokens."""
    change: Estimate | None
    """Bits per byte more than the base on the same passages; negative is better; `None` for the base itself."""
    unscored: dict[str, int]


class Limited(Record):
    """An exam of which only a part was asked."""

    exam: str
    form: Form
    asked: int
    available: int


class Verdict(Record):
    """What to do, and why."""

    decision: Literal["lora+rag", "rag", "lora", "none", "unclear"]
    headline: str
    evidence: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    questions_needed: int | None = None
    """Questions per exam that would settle it, where it is unclear."""


class Results(Record):
    """The whole examination."""

    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    parts: tuple[Part, ...]
    retrieval: tuple[Found, ...]
    limited: tuple[Limited, ...]
    known: tuple[Known, ...]
    refusals: tuple[Refusals, ...] = ()
    """Empty where nothing unanswerable was asked."""
    choice_scoring: Scoring = "text"
    specialists: tuple[Specialist, ...] = ()
    """Empty where no adapter of a single domain was trained."""
    grounded: tuple[Grounded, ...] = ()
    """One for each grounded arm and exam."""
    wordings: tuple[Wording, ...] = ()
    """Empty where no reference is long."""
    held_text: tuple[HeldText, ...] = ()
    long: tuple[LongScores, ...] = ()
    """Empty where no question asks for a long answer."""
    long_pairs: tuple[LongPair, ...] = ()
    judge: Judged | None = None
    """`None` where no judge was asked."""
    verdict: Verdict

    def exams(self) -> tuple[str, ...]:
        """The exams that were held, in order."""
        return tuple(dict.fromkeys([*(cell.exam for cell in self.cells), *(one.exam for one in self.long)]))


class Further(Record):
    """What the exam of a file or a server found, beside the arms that sat before."""

    examinee: str
    """The file, or the model and its server."""
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    """With the arms of the examination, and among its own; choices only where they were made in the same way."""
    parts: tuple[Part, ...]
    refusals: tuple[Refusals, ...] = ()
    grounded: tuple[Grounded, ...] = ()
    wordings: tuple[Wording, ...] = ()
    long: tuple[LongScores, ...] = ()
    long_pairs: tuple[LongPair, ...] = ()
    judged: tuple[JudgedArm, ...] = ()
    """By the judge of the examination before."""
    choice_scoring: dict[str, Scoring]
    """By arm."""
    cautions: tuple[str, ...] = ()


def cell_of(cells: tuple[Cell, ...], exam: str, arm: str, form: Scope = "all") -> Cell | None:
    """The one cell, or `None` where that arm did not sit that exam."""
    return next((cell for cell in cells if (cell.exam, cell.arm, cell.form) == (exam, arm, form)), None)


def pairs_of(pairs: tuple[Pair, ...], exam: str, form: Scope = "all") -> Iterator[Pair]:
    """The comparisons made in one exam."""
    return (pair for pair in pairs if (pair.exam, pair.form) == (exam, form))
