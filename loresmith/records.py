"""The nouns that travel between stages. Each is one row of JSON Lines in an artifact.

Offsets are characters into `Document.text`; pages count from 1; `None` means unknown, never zero.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen row; unknown fields are errors, so that an old or damaged row is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(Record):
    """What a reader makes of one file, before the file is given an identity."""

    title: str
    markdown: str
    """Markdown; paged formats carry a line `<!-- page N -->` where page N begins."""
    pages: int | None
    """Number of pages; `None` for formats without pages."""


class Document(Record):
    """One readable source as Markdown."""

    id: str
    """First 16 hexadecimal digits of `sha256`."""
    source: str
    """Path below the ingested folder, with `/`."""
    title: str
    format: str
    pages: int | None
    sha256: str
    """Of the bytes of the source."""
    text: str


class Chunk(Record):
    """A span of a document that can be retrieved and questioned on its own."""

    id: str
    document: str
    source: str
    title: str
    headings: tuple[str, ...]
    """From the outermost to the innermost heading above the span."""
    page: int | None
    start: int
    end: int
    """`document.text[start:end]` is the span; `text` may stand a repeated table header before it."""
    kind: Literal["prose", "table"]
    text: str


class Evidence(Record):
    """Further words that a fact rests on, in its own chunk or in another."""

    chunk: str
    document: str
    source: str
    page: int | None
    start: int
    end: int
    """Span of `quote` in the document's text."""
    quote: str


class Fact(Record):
    """One thing that a document says, with the exact words that say it."""

    id: str
    chunk: str
    document: str
    source: str
    page: int | None
    start: int
    end: int
    """Span of `quote` in the document's text."""
    quote: str
    kind: str
    """How it was found: `definition`, `cell`, `number`, `cloze`, ..."""
    subject: str
    answer: str
    also: tuple[Evidence, ...] = ()
    """What the fact rests on besides `quote`, which alone holds the answer; empty for most kinds."""
    form: Literal["short", "long"] = "short"
    """`long` where the answer is a sentence or a paragraph: it is asked for as such, and never among options."""


UNANSWERABLE = "unanswerable"
"""Kind of the facts and questions to which the documents have no answer; the quote is what they say instead."""

Form = Literal["short", "choice", "long"]
"""How a question is answered and graded: in a few words that equal the reference's, by choosing an option, or in
sentences, which are compared with the reference and are neither right nor wrong by themselves."""


class Manner(Record):
    """How a question was to be worded; `None` where nothing was asked for."""

    style: str | None = None
    length: str | None = None
    persona: str | None = None
    """Name of the one who asks."""


class Question(Record):
    """One wording of a question about a fact, with everything needed to grade and to cite it."""

    id: str
    fact: str
    document: str
    source: str
    page: int | None
    chunk: str
    quote: str
    kind: str
    form: Form
    wording: int
    """Counts the wordings of a fact from 0, within one form."""
    question: str
    answer: str
    options: tuple[str, ...] = ()
    """For `choice`: the options in the order shown; `answer` is one of them."""
    method: str = "rule"
    """The teacher that wrote it."""
    also: tuple[Evidence, ...] = ()
    """As in its fact."""
    retrievable: bool | None = None
    """Whether retrieval finds all that the question rests on; `None` where nobody looked."""
    manner: Manner | None = None
    """How its teacher was told to word it."""


class Passage(Record):
    """A retrieved chunk with the reasons for its rank."""

    chunk: str
    document: str
    source: str
    title: str
    page: int | None
    text: str
    score: float
    """What the order goes by: the fused ranks, or with `index.rerank` the blend of all evidence."""
    dense_rank: int | None = None
    """By meaning, from 1; `None` below the candidates of that half, as for the others."""
    lexical_rank: int | None = None
    cosine: float | None = None
    """Between the question and the passage's nearest window."""
    bm25: float | None = None
    """Of the question's words in the passage."""
    late: float | None = None
    """Mean cosine of the question's tokens with their best matches in the passage."""


class Citation(Record):
    """Where a statement of an answer comes from."""

    number: int
    """As in `[1]`."""
    document: str
    source: str
    page: int | None
    quote: str


class Answer(Record):
    """What the expert said, and from which sources."""

    question: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    generator: str | None
    """`None` when no model was at hand and the best passages are the answer."""
    refused: bool = False


class Grade(Record):
    """One question answered in one arm of the examination."""

    question: str
    fact: str
    document: str
    arm: str
    exam: str
    form: Form
    given: str
    """What the model wrote, or the option that it preferred."""
    correct: bool | None
    """`None` for a long answer that no trusted judge graded: it is neither right nor wrong."""
    token_f1: float
    exact: bool | None = None
    """Whether the words equal the reference's; `None` where no words were compared."""
    unparsed: str | None = None
    """Why the answer could not be parsed; counted as wrong and shown apart. A long answer that was cut off, or that
    declines, is scored as far as it goes."""
    likelihoods: tuple[float, ...] = ()
    """Log-probability of each option as a whole, or of its letter, in nats; empty where none was taken."""


class Estimate(Record):
    """A number that knows how sure it is."""

    value: float
    low: float
    high: float
    n: int
    method: str


class Alert(Record):
    """Something that people should know."""

    kind: str
    """What it is about, such as `refused`; alerts of a kind are limited together."""
    level: Literal["info", "warning", "error"]
    title: str
    text: str
    at: str
    """ISO 8601, UTC."""
    held_back: int = 0
    """Alerts of the kind that were not sent since the last one that was."""


class Progress(Record):
    """What a stage yields while it works; the terminal, the page and the tests render it."""

    stage: str
    done: int
    total: int | None
    note: str = ""
    told: str = ""
    """A line that stays, such as where to look meanwhile; the note is gone with the next step."""
