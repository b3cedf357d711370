"""What one benchmark came to: scores with intervals, and all that decides whether two of them may be compared."""

from pydantic import Field

from loresmith.records import Estimate, Record


class Read(Record):
    """A file, or a split of a Hub dataset, that rows came from."""

    name: str
    """Without the folders of this machine; a Hub id carries its commit."""
    sha256: str
    """Of the file's bytes; empty for folders and the Hub."""
    split: str
    rows: int
    kept: int = 0
    shape: str = ""


class Account(Record):
    """Which questions there were."""

    files: tuple[Read, ...]
    split: str
    """The one that was asked."""
    pool_split: str
    """Where worked examples come from; empty without any, and the exam's own where there is no other."""
    rows: int
    """Questions that can be asked."""
    dropped: dict[str, int]
    """Rows that cannot, by reason."""
    official: int | None
    """Questions of the official split; `None` where that is not known."""
    remarks: tuple[str, ...]
    """Numbers and splits that are not the official ones."""
    sha256: str
    """Over the questions themselves."""


class Setting(Record):
    """How the questions were asked; scores under different settings do not compare."""

    form: str
    prompt: str
    """With the fields of the question in braces."""
    description: str
    few_shot: int
    examples: str
    """`first` of their split, or `drawn` anew for each question; empty without any."""
    examples_sha256: str
    """Over all that stands before the questions."""
    chat_template: str
    """sha256 of the model's template; empty where the prompt is plain text."""
    filters: dict[str, str]
    """How a written answer is read, by metric."""
    endings: tuple[str, ...]
    max_new_tokens: int | None
    """`None` where nothing is written."""
    dtype: str
    harness: str
    """Task and version of lm-evaluation-harness with the same figures; empty where there is none."""


class Mark(Record):
    """One question answered in one arm."""

    question: str
    arm: str
    subject: str
    given: str
    """The reply that was likeliest, or what was written."""
    scores: dict[str, float]
    """By metric, 0 to 1; a right answer has 1."""
    likelihoods: tuple[float, ...] = ()
    """Of each option, in nats."""
    read: dict[str, str] = Field(default_factory=dict)
    """What each metric read out of what was written; empty text where it could read nothing, which counts as wrong."""
    is_cut: bool = False
    """The prompt lost its beginning, since it did not fit the model's window."""


class Score(Record):
    """One metric in one arm."""

    arm: str
    metric: str
    subject: str
    """Empty for all; of MMLU also a group."""
    value: Estimate
    unread: int = 0
    """Written answers that could not be read; wrong, and among `n`."""


class Compared(Record):
    """Two arms on the same questions."""

    better: str
    than: str
    metric: str
    difference: Estimate
    """`better` minus `than`."""
    won: int
    lost: int
    p: float | None
    """Exact McNemar; `None` for metrics that are not right or wrong."""
    visible: float | None
    """The smallest difference that so many questions show with 80% power."""


class Results(Record):
    """One benchmark of one model."""

    task: str
    model: str
    adapter: str
    """Content hash of the adapter; empty without one."""
    asked: int
    limit: int | None
    """As it was set, where it cut; such scores estimate the benchmark's figure and are not it."""
    cut: int
    """Prompts whose beginning did not fit the model's window, over all arms."""
    scores: tuple[Score, ...]
    comparisons: tuple[Compared, ...]
    setting: Setting
    data: Account
    versions: dict[str, str]

    def score(self, arm: str, metric: str, subject: str = "") -> Score | None:
        """The one score, or `None` where it was not taken."""
        return next((one for one in self.scores if (one.arm, one.metric, one.subject) == (arm, metric, subject)), None)
