"""One question of a benchmark, whatever file it came from."""

from loresmith.records import Record


class Item(Record):
    """A question with what its prompt and its grading need; which fields hold something depends on the task."""

    id: str = ""
    """The benchmark's own name for it, or a hash of what it says; unique within a task once it is in an exam."""
    subject: str = ""
    title: str = ""
    context: str = ""
    """The passage that comes with the question."""
    question: str
    options: tuple[str, ...] = ()
    answer: int | None = None
    """The place of the right option, from 0."""
    right: tuple[bool, ...] = ()
    """Which options are true, where several are."""
    told: tuple[str, ...] = ()
    """What a written answer should say: each is right alone; for GSM8K the worked solution."""
