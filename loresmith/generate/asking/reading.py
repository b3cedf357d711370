"""The facts in a raw answer, as the model wrote them."""

from pydantic import BaseModel, ConfigDict, Field

from loresmith.models.endpoint.completion import Reply, rows_in


class WrittenFact(BaseModel):
    """One fact as the model wrote it; nothing in it has been checked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    quote: str = Field(min_length=1, max_length=4000)
    answer: str = Field(min_length=1, max_length=1000)
    kind: str = Field(default="other", max_length=60)
    subject: str = Field(default="", max_length=400)
    questions: tuple[str, ...] = Field(min_length=1, max_length=32)
    wrong_answers: tuple[str, ...] = Field(default=(), max_length=32)


def read(body: str) -> Reply[WrittenFact]:
    """The facts in the raw answer `body`."""
    return rows_in(body, "facts", WrittenFact)
