"""The account of a reading: what was mapped, what was left out and why, column by column and row by row."""

from collections import Counter
from collections.abc import Iterable

from loresmith.exchange.dialogue import Dialogue, Dropped
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.records import Record

KEPT_BESIDE = "kept beside"
LEFT_OUT = "left out"
# As side columns these would be taken by a trainer for the text to learn.
TAKEN_BY_TRAINERS = {
    *("text", "messages", "conversations", "prompt", "completion", "chosen", "rejected", "label", "labels"),
    *("instruction", "input", "output", "system", "history", "tools", "response", "answer", "question", "images"),
    *("input_ids", "attention_mask", "position_ids", "completion_mask", "assistant_masks", "id", "user_input"),
    *("reference", "reference_contexts", "context", "chat_template_kwargs"),
}


class Account(Record):
    """What one file, or one split of a saved folder, gave."""

    source: str
    split: str
    format: str
    detected: bool
    """Whether the format was found out and not told."""
    rows: int
    dialogues: int
    turns: int
    dropped: dict[str, int]
    """Reason to the number of rows, or parts of rows, that it cost."""
    first_dropped: dict[str, str]
    """Reason to the first place where it applied."""
    notes: dict[str, int]
    """What was changed or left out in rows that were kept."""
    columns: dict[str, str]
    """Column to what became of it."""

    @property
    def dropped_count(self) -> int:
        """All that became no dialogue."""
        return sum(self.dropped.values())


class Ledger:
    """Counts while rows are read."""

    def __init__(self, form: RowFormat) -> None:
        self._form = form
        self._columns: dict[str, str] = {}
        self._notes: Counter[str] = Counter()
        self.kept: list[Dialogue] = []
        self.dropped: list[Dropped] = []

    def aside(self, content: Content) -> dict[str, str]:
        """The columns of a row that stay beside the conversation, all columns noted."""
        beside = {}
        for name, value in content.items():
            fate = self._fate(name, value)
            if self._columns.get(name) in (None, KEPT_BESIDE):
                self._columns[name] = fate  # a column that is left out once is reported as such
            if fate == KEPT_BESIDE and value is not None and value != "":
                beside[name] = value if isinstance(value, str) else str(value)
        return beside

    def note(self, notes: Iterable[str]) -> None:
        """Count what was changed in a row of which something was kept."""
        self._notes.update(notes)

    def account(self, source: str, split: str, rows: int, *, detected: bool) -> Account:
        """The sums."""
        first: dict[str, str] = {}
        for gone in self.dropped:
            first.setdefault(gone.reason, gone.place)
        return Account(
            source=source,
            split=split,
            format=self._form.name,
            detected=detected,
            rows=rows,
            dialogues=len(self.kept),
            turns=sum(len(dialogue.turns) for dialogue in self.kept),
            dropped=dict(Counter(gone.reason for gone in self.dropped).most_common()),
            first_dropped=first,
            notes=dict(self._notes.most_common()),
            columns=self._columns,
        )

    def _fate(self, name: str, value: object) -> str:
        if name in self._form.columns:
            return self._form.columns[name]
        if name == "id":
            return "id"
        is_plain = value is None or isinstance(value, str | int | float | bool)
        return KEPT_BESIDE if is_plain and name not in TAKEN_BY_TRAINERS else LEFT_OUT
