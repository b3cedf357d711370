"""The base model by itself: what it says from its own weights, without sources and so without citations."""

from collections.abc import Generator

from loresmith.errors import UserError
from loresmith.models import prompts
from loresmith.models.speaker import Speaker
from loresmith.recipe import AskConfig
from loresmith.records import Answer


class Bare:
    """Answers without an index; where there is no model either, it refuses."""

    def __init__(self, speaker: Speaker | None, settings: AskConfig | None = None) -> None:
        self._speaker = speaker
        self._settings = settings or AskConfig()

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer, which cites nothing.

        Raises:
            UserError: the question is empty, or too long for the model.
        """
        if not question.strip():
            raise UserError("The question is empty.", next_step="Ask something in words.")
        written = ""
        if self._speaker is not None:
            limit = min(max_new_tokens or self._settings.max_new_tokens, self._settings.max_new_tokens)
            prompt = self._speaker.encode(prompts.short(question))
            if len(prompt) + limit > self._speaker.window:
                raise UserError(
                    f"The question takes {len(prompt)} tokens; the model reads {self._speaker.window} with the answer.",
                    next_step="Ask a shorter question.",
                )
            for piece in self._speaker.stream(prompt, limit):
                shown = piece if written else piece.lstrip()
                written += shown
                if shown:
                    yield shown
        text = written.strip()
        if not text:
            yield prompts.REFUSAL
        yield Answer(
            question=question,
            text=text or prompts.REFUSAL,
            citations=(),
            passages=(),
            generator=None if self._speaker is None else self._speaker.name,
            refused=not text,
        )

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` for the model; without one, its words."""
        return len(text.split()) if self._speaker is None else len(self._speaker.encode_reply(text)) - 1
