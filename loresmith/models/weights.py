"""Weights and tokenizer of a `ModelSource`, through transformers: safetensors only, no remote code, offline."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from loresmith.errors import MachineError, UserError
from loresmith.models.locate import ModelSource
from loresmith.models.threads import usable_cores

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(dtype: str) -> torch.dtype:
    """The torch type that a recipe's `dtype` means on this machine."""
    if dtype != "auto":
        return DTYPES[dtype]
    if not torch.cuda.is_available():
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def load_model(source: ModelSource, dtype: str, place: torch.device | None = None) -> Any:
    """The model in evaluation mode, on `place` or else on `device()`.

    Raises:
        UserError: it is a GGUF file, or its files are damaged or of no layout that can generate text.
        MachineError: it does not fit into memory.
    """
    _require_folder(source)
    if torch.get_num_threads() > usable_cores():  # never more than was asked for
        torch.set_num_threads(usable_cores())
    try:
        with quiet():
            model = AutoModelForCausalLM.from_pretrained(
                str(source.path),
                dtype=precision(dtype),
                attn_implementation="sdpa",
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
            )
        model = model.to(place or device()).eval()
    except (torch.cuda.OutOfMemoryError, MemoryError) as fault:
        raise MachineError(
            f"{source.name} does not fit into memory.",
            next_step="Choose a smaller model, or set `model.dtype: bfloat16`.",
        ) from fault
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as fault:
        raise UserError(
            f"{source.name} cannot be loaded: {_first_line(fault)}",
            next_step="Fetch the model again, or choose another.",
        ) from fault
    model.requires_grad_(False)
    return model


def load_tokenizer(source: ModelSource) -> Any:
    """The model's own tokenizer.

    Raises:
        UserError: it is a GGUF file, or the tokenizer's files are damaged.
    """
    _require_folder(source)
    try:
        with quiet():
            return AutoTokenizer.from_pretrained(str(source.path), local_files_only=True, trust_remote_code=False)
    # tokenizers raises bare Exception for a damaged tokenizer.json, so nothing narrower can be caught
    except Exception as fault:
        raise UserError(
            f"The tokenizer of {source.name} cannot be loaded: {_first_line(fault)}",
            next_step="Copy the tokenizer's files from the model's origin again.",
        ) from fault


def require_adapter(folder: Path) -> None:
    """Check that `folder` holds a PEFT adapter in safetensors.

    Raises:
        UserError: it does not.
    """
    if not (folder / "adapter_config.json").is_file() or not (folder / "adapter_model.safetensors").is_file():
        raise UserError(
            f"{folder} holds no adapter (adapter_config.json and adapter_model.safetensors).",
            next_step="Run `loresmith train`, or save the adapter as safetensors.",
        )


def _require_folder(source: ModelSource) -> None:
    if source.kind == "gguf":
        raise UserError(
            f"{source.name} is a GGUF file; it can answer, but not be trained, merged or examined beside its adapter.",
            next_step="Set `model.base` to the model in safetensors from which the file was made.",
        )


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, advice or notes on future versions from transformers and peft: a library does not print."""
    verbosity, had_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft 0.21 asks transformers 5.23 by an old name
            yield
    finally:
        logging.set_verbosity(verbosity)
        if had_bars:
            logging.enable_progress_bar()
