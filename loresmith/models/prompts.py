"""The words around a question. Training, examination, chat and the starter's own schooling use the same ones."""

from collections.abc import Iterable, Sequence

SYSTEM = "Answer briefly and exactly."
REFUSAL = "The sources do not say."
LETTERS = "ABCDEF"

Message = dict[str, str]
"""`{"role": ..., "content": ...}` as chat templates take it."""


def short(question: str, sources: str | None = None) -> list[Message]:
    """Messages that ask for a short answer; `sources` come first, so that a prefix cache can serve many questions."""
    return _messages(question, sources)


def long(question: str, sources: str | None = None) -> list[Message]:
    """Messages that ask for an answer in sentences."""
    return _messages(f"{question}\nAnswer in full sentences.", sources)


def choice(question: str, options: Sequence[str], sources: str | None = None) -> list[Message]:
    """Messages that ask for the letter of one of `options`."""
    listed = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    return _messages(f"{question}\n{listed}\nAnswer with one letter.", sources)


def numbered(passages: Iterable[str]) -> str:
    """Passages as the sources of a prompt: `[1] text`, `[2] text`, ... one below the other."""
    return "\n".join(f"[{number}] {text}" for number, text in enumerate(passages, start=1))


def _messages(question: str, sources: str | None) -> list[Message]:
    content = question if sources is None else f"Sources:\n{sources}\n\nQuestion: {question}"
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]
