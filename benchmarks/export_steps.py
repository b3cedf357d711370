"""One step of an export in a process of its own, so that its seconds and its memory are its alone.

    python benchmarks/export_steps.py ours BASE ADAPTER TARGET.gguf QUANTIZATION [IMPORTANCE.gguf]
    python benchmarks/export_steps.py merge BASE ADAPTER FOLDER
    python benchmarks/export_steps.py convert FOLDER LLAMA_CPP TARGET.gguf

`merge` is PEFT's `merge_and_unload` and `save_pretrained`; `convert` is llama.cpp's own `convert_hf_to_gguf.py`, told
that the tokenizer of the random models splits like Qwen2's, which it knows by checksum only.
"""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))


def ours(base: str, adapter: str, target: str, quantization: str, matrix: str = "") -> None:
    """Loresmith's export without its parity exam; `matrix` is the file of an importance matrix."""
    from loresmith.export import importance, shipping
    from loresmith.models import lora_weights
    from loresmith.recipe import ExportConfig, ModelConfig
    from loresmith.recipe.settings import ExportSettings

    wanted = "training" if matrix else "none"
    export = ExportConfig.model_validate({"quantization": quantization, "importance": wanted})
    settings = ExportSettings(model=ModelConfig(base=base), export=export)
    path = Path(target)
    measured = importance.read(Path(matrix)) if matrix else importance.NONE
    for _ in shipping.write(shipping.prepare(settings, lora_weights.read(Path(adapter)), path.parent), path, measured):
        pass


def merge(base: str, adapter: str, target: str) -> None:
    """What PEFT's documentation says to do."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    PeftModel.from_pretrained(model, adapter).merge_and_unload().save_pretrained(target)
    AutoTokenizer.from_pretrained(base).save_pretrained(target)


def convert(folder: str, llama_cpp: str, target: str) -> None:
    """A 16-bit GGUF file."""
    sys.path.insert(0, llama_cpp)
    sys.path.insert(1, str(Path(llama_cpp) / "gguf-py"))
    from conversion.base import TextModel  # type: ignore[import-not-found]

    TextModel.get_vocab_base_pre = lambda self, tokenizer: "qwen2"
    script = str(Path(llama_cpp) / "convert_hf_to_gguf.py")
    sys.argv = [script, folder, "--outfile", target]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    steps: dict[str, Callable[..., None]] = {"ours": ours, "merge": merge, "convert": convert}
    steps[sys.argv[1]](*sys.argv[2:])
