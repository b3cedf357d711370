"""`/v1/embeddings`: vectors of the index's own embedder, in OpenAI's shape.

Not covered: lists of token numbers, which only mean something to the model whose numbers they are; fewer dimensions.
"""

import base64
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from loresmith.characters import storable
from loresmith.serve.desk import Desk
from loresmith.serve.faults import Refused
from loresmith.serve.listening import while_there
from loresmith.serve.schema import ANY_MODEL, LONGEST_MESSAGE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TEXTS = 2_048
"""As many as OpenAI takes at once."""


class EmbeddingRequest(BaseModel):
    """What a client may ask; unknown keys are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore")

    model: str = ANY_MODEL
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1)

    def texts(self) -> list[str]:
        """The texts to embed.

        Raises:
            Refused: there is none, one is empty or too long, or they are numbers of tokens.
        """
        given = [self.input] if isinstance(self.input, str) else self.input
        if not given:
            raise Refused("input is empty.", param="input")
        if len(given) > MOST_TEXTS:
            raise Refused(f"input has {len(given)} entries; at most {MOST_TEXTS} are taken at once.", param="input")
        texts = [storable(text) for text in given if isinstance(text, str)]
        if len(texts) < len(given):
            raise Refused(
                "input holds numbers of tokens; send text (in LangChain: check_embedding_ctx_length=False).",
                param="input",
                code="unsupported_parameter",
            )
        for place, text in enumerate(texts):
            if not text.strip():
                raise Refused(f"input[{place}] is empty.", param="input")
            if len(text) > LONGEST_MESSAGE:
                raise Refused(f"input[{place}] has more than {LONGEST_MESSAGE} characters.", param="input")
        return texts


def embedding_model(desk: Desk, expert: str) -> str:
    """The name of the model that embeds, which is never that of the expert."""
    name = desk.embedder_name
    return f"{name}-embeddings" if name in (expert, ANY_MODEL) else name


def embedding_routes(desk: Desk, expert: str) -> APIRouter:
    """`/embeddings`, beside the expert that is called `expert`."""
    routes = APIRouter()

    @routes.post("/embeddings")
    async def embeddings(asked: EmbeddingRequest, request: Request) -> dict[str, Any]:
        texts = asked.texts()
        return await while_there(request, _embedded(desk, expert, asked, texts))

    return routes


async def _embedded(desk: Desk, expert: str, asked: EmbeddingRequest, texts: list[str]) -> dict[str, Any]:
    counts = await desk.count_embedded(texts)  # the first work, which also opens the embedder in its own thread
    card, model = desk.embedder, embedding_model(desk, expert)
    if asked.model not in (model, ANY_MODEL):
        message = f"There is no model {asked.model!r} that embeds; this server has {model!r}."
        raise Refused(message, status=404, param="model", code="model_not_found")
    if asked.dimensions not in (None, card.dimensions):
        raise Refused(
            f"{model} has {card.dimensions} dimensions and cannot give {asked.dimensions}.", param="dimensions"
        )
    for place, count in enumerate(counts):
        if card.window_tokens is not None and count > card.window_tokens:
            message = f"input[{place}] has {count} tokens; {model} reads {card.window_tokens}."
            raise Refused(message, param="input", code="context_length_exceeded")
    rows = await desk.embed(texts)
    data = [
        {"object": "embedding", "index": index, "embedding": _written(row, asked.encoding_format)}
        for index, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": sum(counts), "total_tokens": sum(counts)}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _written(row: "NDArray[np.float32]", encoding: str) -> str | list[float]:
    """A vector as JSON numbers, or as OpenAI's clients ask for it: base64 of little-endian 32-bit floats."""
    if encoding == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return [float(value) for value in row]
