"""The arms of an examination: with or without the adapter, with or without sources."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Arm:
    """One way of answering the same questions."""

    name: str
    adapted: bool
    """The adapter is on."""
    grounded: bool
    """Retrieved passages stand before the question."""


ARMS = (
    Arm("base", adapted=False, grounded=False),
    Arm("lora", adapted=True, grounded=False),
    Arm("rag", adapted=False, grounded=True),
    Arm("lora+rag", adapted=True, grounded=True),
)

FILE, SERVER = "gguf", "endpoint"
FURTHER = {
    FILE: (Arm("gguf", adapted=True, grounded=False), Arm("gguf+rag", adapted=True, grounded=True)),
    SERVER: (Arm("endpoint", adapted=False, grounded=False), Arm("endpoint+rag", adapted=False, grounded=True)),
}
"""Arms that sit the exam when it is over, by stage; what they are adapted to lies within the file or the server."""
PARTNERS = {
    "gguf": ("lora", "base"),
    "gguf+rag": ("lora+rag", "rag", "base", "gguf"),
    "endpoint": ("base", "lora"),
    "endpoint+rag": ("rag", "lora+rag", "base", "endpoint"),
}
"""What each further arm is compared with; its own way of answering by the model in memory stands first."""


def chosen(names: Sequence[str]) -> tuple[Arm, ...]:
    """The named arms, each once, in the order of `ARMS`."""
    return tuple(arm for arm in ARMS if arm.name in names)


def comparisons(names: Sequence[str]) -> list[tuple[str, str]]:
    """Which arms are compared, as (better, than): each with `base`, and `lora` with `rag`.

    `lora+rag` is compared with the better of the two as well; which one that is depends on the exam.
    """
    wanted = [("lora", "base"), ("rag", "base"), ("lora+rag", "base"), ("rag", "lora")]
    return [(better, than) for better, than in wanted if better in names and than in names]
