"""The section of a recipe that says what is shipped."""

from typing import Literal

from pydantic import Field

from loresmith.recipe.sections import Section

Quantization = Literal["q4_k_m", "q5_k_m", "q6_k", "q8_0", "q4_0", "f16", "bf16"]


class ExportConfig(Section):
    """The file that is shipped."""

    quantization: Quantization = "q4_k_m"
    """Type of most tensors in the file, from 4.5 bits a weight to 16, with the mixture of `llama-quantize`."""
    importance: Literal["none", "training"] = "none"
    """Which columns of a matrix are rounded with most care: `none` in particular, or those that the merged model uses
    most when it reads a sample of its `training` text. For the types of up to 6 bits; others take no heed of it."""
    importance_tokens: int = Field(default=4096, ge=256)
    """Most tokens of training text that are read for `importance`; more than 4096 gave the starter nothing."""
    also: tuple[Literal["merged", "adapter"], ...] = ()
    """What else is written: `merged`, a model folder in safetensors with the base's precision, shards and tokenizer;
    `adapter`, the adapter alone as a GGUF file that llama.cpp adds to one of the base."""
    num_ctx: int = Field(default=2048, ge=256)
    """Context window written into the Modelfile."""
    parity_questions: int = Field(default=200, ge=10)
    """Questions that the exported file, the merged model and the adapter all answer."""
    min_agreement: float = Field(default=0.95, gt=0, le=1)
    """Share of multiple-choice answers on which the file must agree with the merged model."""
    push_to_hub: str | None = None
    """OWNER/NAME on the Hub, to which `loresmith run` sends the GGUF file at its end, if the exams bear it."""
