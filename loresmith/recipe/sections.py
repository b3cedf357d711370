"""The sections of a recipe: one frozen class per stage. Flags, YAML keys and the reference page derive from these.

Those of fine-tuning are in `training`.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from loresmith.recipe.languages import ANY, AS_DOCUMENT, LANGUAGES

Style = Literal["web-search-like", "misspelled", "perfect-grammar", "poor-grammar", "conversational"]
Length = Literal["short", "medium", "long"]


class Section(BaseModel):
    """Frozen; unknown keys are errors; the text under a field is its help."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ModelConfig(Section):
    """The base model."""

    base: str = "starter"
    """Hub id, local folder, GGUF file, or `starter` for the small model that comes with the package."""
    revision: str | None = None
    """Branch, tag or commit, for a Hub id."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Precision of the frozen weights; `auto` takes bfloat16 on a GPU that has it, and on a CPU float32, or for
    training what wins a race of matrix products."""


class IngestConfig(Section):
    """How documents are read."""

    include: tuple[str, ...] = ()
    """Glob patterns of the files to read, relative to the folder; none means all."""
    exclude: tuple[str, ...] = ()
    """Glob patterns of the files to leave out."""
    reader: str = "auto"
    """Reader plug-in that is asked first for the formats it knows, such as `docling`; `auto` goes by the format."""
    table_headers: Literal["joined", "rows"] = "joined"
    """Titles over several columns of a table in a PDF: `joined` with the title below them into one text a column, or in
    `rows` of their own, repeated on each column."""
    seconds_per_file: float = Field(default=60.0, gt=0)
    """A file that takes longer is set aside."""
    memory_per_file_mb: int = Field(default=1024, ge=128)
    """A file that needs more memory than this is set aside."""


class ChunkConfig(Section):
    """How documents are cut. Lengths are in characters of the Markdown."""

    size: int = Field(default=900, ge=200, le=8000)
    """Longest chunk; 900 characters fit the 256-token window of MiniLM."""
    overlap: int = Field(default=120, ge=0)
    """Characters repeated between neighbours of one section, so that no sentence loses its context."""


class ServerConfig(Section):
    """An OpenAI-compatible server, and what it may cost."""

    place: ClassVar[str] = "endpoint"
    """Where the section stands in a recipe, for errors."""
    model_place: ClassVar[str] = "model"
    """Where the recipe names the model."""
    fewer: ClassVar[str] = "limit"
    """The key that makes calls fewer."""

    base_url: str = Field(default="https://api.openai.com/v1", pattern=r"^https?://[^\s@?#]+$")
    """Where the server's routes begin, such as `http://localhost:11434/v1` for Ollama."""
    key_variable: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    """Environment variable that holds the key; for api.openai.com it is `OPENAI_API_KEY`, elsewhere none is sent."""
    concurrency: int = Field(default=8, ge=1, le=256)
    """Calls under way at once."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Calls begun within a minute; none means no limit."""
    tokens_per_minute: int | None = Field(default=None, ge=1)
    """Prompt tokens and largest answers of the calls begun within a minute; none means no limit."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """A call that takes longer is broken off and counts as failed."""
    retries: int = Field(default=6, ge=0, le=20)
    """Times that a call is repeated after 429, 5xx, a timeout or a broken connection."""
    temperature: float | None = Field(default=0.0, ge=0.0, le=2.0)
    """None leaves it to the server, for models that refuse the setting."""
    seed: int | None = 17
    """Sent with each call; none sends no seed."""
    price_in: float | None = Field(default=None, ge=0)
    """Price of a million prompt tokens, in any currency."""
    price_out: float | None = Field(default=None, ge=0)
    """Price of a million tokens of answers."""
    budget: float | None = Field(default=None, gt=0)
    """Most money for one set of calls; the run stops before a call that could exceed it."""

    @model_validator(mode="after")
    def _require_prices(self) -> Self:
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("price_in and price_out belong together")
        if self.budget is not None and self.price_in is None:
            raise ValueError("a budget needs price_in and price_out")
        return self


class EndpointConfig(ServerConfig):
    """The OpenAI-compatible server behind `teacher: openai:MODEL`, and what it may cost."""

    place: ClassVar[str] = "generate.endpoint"
    model_place: ClassVar[str] = "generate.teacher (openai:MODEL)"
    fewer: ClassVar[str] = "generate.max_facts"

    asked_again: int = Field(default=2, ge=0, le=10)
    """Times that a chunk is asked again after an answer that cannot be used."""


class ExamineeConfig(ServerConfig):
    """A model on an OpenAI-compatible server that sits the exam as the arms `endpoint` and `endpoint+rag`."""

    place: ClassVar[str] = "evaluate.endpoint"
    model_place: ClassVar[str] = "evaluate.endpoint.model"
    fewer: ClassVar[str] = "evaluate.limit"

    model: str | None = None
    """The model's name on that server, such as `gpt-4o-mini` or `qwen2.5:7b`."""


class JudgeConfig(ServerConfig):
    """A model on an OpenAI-compatible server that grades long answers, with question, source and reference in sight."""

    place: ClassVar[str] = "evaluate.judge"
    model_place: ClassVar[str] = "evaluate.judge.model"
    fewer: ClassVar[str] = "evaluate.limit"

    model: str | None = None
    """The judge's name on that server; none means no judge. Best one that sits no exam itself."""
    compared: int = Field(default=100, ge=30)
    """Answers with an exact grade (short ones, choices) that it grades as well, which measures the judge."""
    min_kappa: float = Field(default=0.4, ge=0.0, le=1.0)
    """Least agreement with the exact grading beyond chance (Cohen's kappa): the lower end of its 95% interval has to
    reach it, or the judge's grades take no part in verdict and gate."""


class PersonaConfig(Section):
    """Somebody who asks."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^[^\r\n]+$")
    role: str = Field(min_length=1, max_length=300, pattern=r"^[^\r\n]+$")
    """Who that is and what they want to know."""

    @model_validator(mode="before")
    @classmethod
    def _read_line(cls, given: object) -> object:
        """`NAME: ROLE`, as a flag gives it."""
        if not isinstance(given, str):
            return given
        name, _, role = given.partition(":")
        return {"name": name.strip(), "role": role.strip()}


class GenerateConfig(Section):
    """How facts are found and questions worded."""

    teacher: str = "rules"
    """Name of the teacher plug-in, and after a colon its model or file: `rules`, `openai:gpt-4o-mini`,
    `local:models/qwen.gguf`, `scripted:rows.jsonl`."""
    wordings: int = Field(default=4, ge=2, le=8)
    """Short-answer wordings per fact; one of them is held back for the recall exam."""
    facts_per_chunk: int = Field(default=12, ge=1)
    """Most facts taken from one chunk; facts that combine several statements come on top, half as many at most."""
    max_facts: int | None = Field(default=None, ge=1)
    """Most facts in all, spread evenly over the documents."""
    options: int = Field(default=4, ge=2, le=6)
    """Options of a multiple-choice question."""
    true_false: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of the facts with a value that the rule teacher also states, to be judged true or false."""
    unanswerable: float = Field(default=0.1, ge=0.0, le=1.0)
    """Share of the cells and statements that the rule teacher also asks of something of which the documents do not
    tell it; the right answer says so."""
    long_answers: bool = False
    """Definitions and reasons that take a sentence become questions of the form `long`, which are graded by likeness
    and never as right or wrong without a judge; otherwise they are dropped as too long to be given word for word."""
    language: str = AS_DOCUMENT
    """Language of the questions: `document` as each passage, a code such as `de` for all of them, `any` for no check.
    A question that is clearly in another one is dropped; a teacher that is a model is told a code."""
    styles: tuple[Style, ...] = ()
    """How a teacher that is a model words its questions, the chunks of a document taking turns; a style that is named
    twice comes twice as often. None leaves it to the model."""
    lengths: tuple[Length, ...] = ()
    """How long such questions are: to 8, 16 or 30 words; in turns, like the styles."""
    personas: tuple[PersonaConfig, ...] = ()
    """Who asks such questions, each with `name` and `role`; in turns, like the styles. As a flag: `NAME: ROLE`."""
    retrievable: Literal["off", "mark", "drop"] = "off"
    """Whether each question is searched for: `mark` notes whether its passage is among the first ten found, `drop`
    keeps only such. Takes as long as `loresmith index`, and 16 ms a question."""
    round_trip: bool = False
    """A teacher that is a model also answers its questions from their chunk; another answer drops the question.
    Doubles the calls."""
    judge: bool = False
    """A teacher that is a model also judges its questions with quote and answer in sight; a no drops the question.
    As many calls again."""
    endpoint: EndpointConfig = EndpointConfig()
    seed: int = 17

    @field_validator("language", mode="before")
    @classmethod
    def _require_known_language(cls, given: object) -> object:
        code = "no" if given is False else given  # YAML reads Norwegian as false
        if code not in (AS_DOCUMENT, ANY, *LANGUAGES):
            raise ValueError(f"{code!r} is none of {AS_DOCUMENT}, {ANY}, {', '.join(LANGUAGES)}")
        return code

    @field_validator("retrievable", mode="before")
    @classmethod
    def _read_bare_off(cls, given: object) -> object:
        return "off" if given is False else given  # YAML reads a bare off as false


class SplitConfig(Section):
    """What is trained on, and what is examined."""

    held_out: float = Field(default=0.15, ge=0.0, le=0.5)
    """Share of the documents (of the sections, where there is one document) kept for the transfer exam."""
    validation: float = Field(default=0.05, ge=0.0, le=0.3)
    """Share of the training rows kept to watch the loss."""
    max_exam: int = Field(default=400, ge=1)
    """Most facts in one exam; each gives a short question, and its choices where there are distractors."""
    near_duplicate: float = Field(default=0.95, gt=0.5, le=1.0)
    """Similarity (0 to 1) from which two questions count as the same."""
    ngram: int = Field(default=13, ge=5)
    """Words in a row that a training row may share neither with an exam question nor with a benchmark."""
    decontaminate_against: tuple[str, ...] = ()
    """Benchmarks, as files or folders, in which no training row may stand; in a recipe, paths start at its folder."""
    seed: int = 17


class DecontaminateConfig(Section):
    """When a row counts as standing in a benchmark."""

    ngram: int = Field(default=13, ge=5)
    """Words in a row that a row and a benchmark may not share."""
    near_duplicate: float = Field(default=0.8, gt=0.5, le=1.0)
    """Share of words (0 to 1) from which a text counts as a benchmark's question."""


class IndexConfig(Section):
    """How passages are found."""

    embedder: str = "minilm"
    """Name of the embedder plug-in."""
    store: str = "faiss"
    """Name of the vector store plug-in."""
    dense_weight: float = Field(default=0.3, ge=0.0, le=1.0)
    """Weight of the vector ranking in the fusion; the lexical ranking has the rest."""
    fusion: Literal["ranks", "scores"] = "scores"
    """Whether the halves are fused by rank, or by cosine and BM25, which keep how much better the first is."""
    cosine_weight: float = Field(default=0.65, ge=0.0, le=1.0)
    """Weight of the cosine where scores are fused, and in `rerank`; BM25 has the rest."""
    tune: bool = False
    """Whether the weight of the fusion is chosen on the questions that training uses, where another is clearly better;
    the index then waits for the split."""
    rerank: Literal["off", "late"] = "off"
    """`late` compares the 30 best candidates with the question token by token; some 0.3 s a question on a CPU."""
    late_weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """What that comparison counts beside cosine and BM25."""
    diversity: float = Field(default=0.0, ge=0.0, lt=1.0)
    """How much a passage loses for being like those before it; 0.3 is much."""


class AskedBenchmark(Section):
    """A public benchmark that is asked of the base model and of the adapter, to see what training cost elsewhere."""

    name: str = Field(pattern=r"^[a-z0-9_]+(:[a-z0-9_]+)?$")
    """As `loresmith benchmark` knows it: arc_challenge, mmlu, mmlu:anatomy, gsm8k, ..."""
    data: tuple[str, ...] = ()
    """Files or folders with its questions; without any they come from the Hub."""
    limit: int | None = Field(default=None, ge=1)
    """Most questions, spread over its subjects; always marked in the result."""
    few_shot: int | None = Field(default=None, ge=0, le=64)
    """Worked examples before each question; none means as many as lm-evaluation-harness shows."""
    chat_template: bool = False
    """Ask in the model's chat template; scores differ a lot from those without."""

    @model_validator(mode="before")
    @classmethod
    def _read_line(cls, given: object) -> object:
        """`NAME` or `NAME=PATH`, as a list of names or a flag gives it."""
        if not isinstance(given, str):
            return given
        name, sign, path = given.partition("=")
        return {"name": name.strip(), "data": (path.strip(),) if sign else ()}


class EvaluateConfig(Section):
    """The examination."""

    arms: tuple[Literal["base", "lora", "rag", "lora+rag"], ...] = ("base", "lora", "rag", "lora+rag")
    """Of the model in memory: without and with its adapter, without and with retrieved sources."""
    further: tuple[Literal["gguf", "gguf+rag", "endpoint", "endpoint+rag"], ...] = ()
    """Arms that sit the same exam afterwards: the exported file, and a model on a server, without and with sources."""
    endpoint: ExamineeConfig = ExamineeConfig()
    judge: JudgeConfig = JudgeConfig()
    choice_scoring: Literal["text", "letter"] = "text"
    """`text`: likelihood of each option's words as the answer; `letter`: of its letter after the options."""
    limit: int | None = Field(default=None, ge=1)
    """Most questions per exam and form; marked in the report when it cuts."""
    max_new_tokens: int = Field(default=48, ge=1)
    """Most tokens of a short answer."""
    long_max_new_tokens: int = Field(default=192, ge=1)
    """Most tokens of a long answer: some 140 English words. What is cut off there is scored as far as it goes, and
    counted."""
    batch_size: int = Field(default=16, ge=1)
    number_tolerance: float = Field(default=0.0, ge=0.0, le=0.5)
    """Largest relative difference of a number that still counts as right: 0.01 takes 99 for 100."""
    text_passages: int = Field(default=16, ge=0)
    """Passages of the transfer exam's documents whose own text is weighed with and without the adapter (perplexity)."""
    bootstrap_samples: int = Field(default=10000, ge=1000)
    benchmarks: tuple[AskedBenchmark, ...] = ()
    """Public benchmarks to ask after the examination, of the base model and of the adapter: names (arc_challenge, mmlu,
    gsm8k, ...), or `name`, `data`, `limit`, `few_shot` and `chat_template` of each. Flag: `NAME` or `NAME=PATH`."""
    seed: int = 17

    def answer_tokens(self, form: str) -> int:
        """Most tokens of a written answer to a question of `form`."""
        return self.long_max_new_tokens if form == "long" else self.max_new_tokens

    @field_validator("benchmarks")
    @classmethod
    def _require_distinct(cls, given: tuple[AskedBenchmark, ...]) -> tuple[AskedBenchmark, ...]:
        names = [one.name for one in given]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is named twice; each benchmark is asked in one way")
        return given


class AskConfig(Section):
    """How an answer is grounded."""

    passages: int = Field(default=4, ge=1, le=20)
    """Passages put before the question."""
    source_tokens: int = Field(default=900, ge=64)
    """Most tokens that the passages may take in the prompt."""
    max_new_tokens: int = Field(default=128, ge=1)


class ReportConfig(Section):
    """What the report shows."""

    examples: int = Field(default=8, ge=0)
    """Answers won and lost that are shown, each."""
    title: str | None = None
    author: str | None = None


class ServeConfig(Section):
    """The page and the API."""

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    """0 takes a free port."""
    standby: bool = False
    """Where the champion of a registry is followed: keep the previous one open too, so that a rollback answers at once.
    It takes its memory."""
    quiz_questions: int = Field(default=10, ge=1)
    """Questions of a quiz, where nobody says how many."""
    timeout_seconds: float | None = Field(default=600.0, gt=0)
    """A question that waits and is answered for longer ends with an error; none means no limit."""
    requests_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    """What one client may send within a minute, looking at pages aside; a client is a named key, or else an address.
    None means no limit."""
    keys_file: str | None = None
    """File of named keys, a line each: a name and the SHA-256 of the key. Read again when it changes."""
    cors_origins: tuple[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")], ...] = ()
    """Other sites whose pages may call the API from a browser, such as `https://notes.example.org`."""
    open_metrics: bool = False
    """Whether `/metrics` is told without a key."""
    feedback_megabytes: int = Field(default=64, ge=1)
    """Room for feedback; when it is full, more is refused and nothing is dropped."""
    upload_megabytes: int = Field(default=50, ge=0, le=1024)
    """Largest document that the page takes into the project; 0 closes it."""
