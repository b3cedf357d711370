"""The adapter alone as a GGUF file, which llama.cpp adds to a GGUF file of the base when it loads it (`--lora`).

Format: `convert_lora_to_gguf.py` of llama.cpp: the factors of each tensor under its name with `.lora_a` and `.lora_b`,
in float32. Not covered: Ollama, which no longer takes adapters (ollama#14969).
"""

from pathlib import Path

from gguf import GGUFWriter

from loresmith.errors import UserError
from loresmith.export.layout import Layout, gguf_names, row_order
from loresmith.models.lora_weights import LoraWeights


def write(path: Path, name: str, lora: LoraWeights, layout: Layout) -> None:
    """`path` is the adapter of the base that is called `name`; the same inputs give the same bytes.

    Raises:
        UserError: the adapter changes a tensor that has no place in the layout, or tensors of several ranks.
    """
    ranks = {len(down) for down, _ in lora.pairs.values()}
    if len(ranks) != 1:
        raise UserError(
            f"The adapter has {len(ranks)} ranks, a GGUF adapter one.", next_step="Leave `adapter` out of export.also."
        )
    writer = GGUFWriter(None, layout.architecture)
    writer.add_type("adapter")
    writer.add_name(name)
    writer.add_string("adapter.type", "lora")
    # llama.cpp divides by the rank, whatever the adapter was scaled by
    writer.add_float32("adapter.lora.alpha", lora.scaling * ranks.pop())
    for source, target in gguf_names(lora.pairs, layout.tied).items():
        down, up = lora.pairs[source]
        order = row_order(target, len(up), layout)
        writer.add_tensor(f"{target}.lora_a", down.numpy())
        writer.add_tensor(f"{target}.lora_b", (up if order is None else up[order]).contiguous().numpy())
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def size_bytes(lora: LoraWeights) -> int:
    """About what the file takes."""
    return sum(4 * (down.numel() + up.numel()) for down, up in lora.pairs.values())
