"""Whether our GGUF tensors are byte for byte those of llama.cpp's own way: convert_hf_to_gguf, then llama-quantize.

    pip download --no-binary :all: --no-deps llama-cpp-python   # its source holds llama.cpp; unpack it
    pip install sentencepiece   # convert_hf_to_gguf asks for it even where it has nothing to do
    cmake -B build vendor/llama.cpp && cmake --build build --target llama-quantize
    python benchmarks/export_parity.py --llama-cpp vendor/llama.cpp --quantizer build/bin/llama-quantize

Both go out from the same merged 16-bit model: two layers of real width, with random weights and a random adapter. It
prints a line a tensor and exits 1 if one differs. The shape of 0.5B has rows that need llama.cpp's fallbacks. Names,
types and the keys that say how to run the model are compared too. With --importance both read one importance matrix,
which our exporter measured and wrote as a file of llama.cpp's.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import export_models, export_steps
from loresmith.recipe.export import Quantization

STEPS = Path(__file__).with_name("export_steps.py")
# What a file says of its origin and its words, in which the two ways may differ.
OTHER_KEYS = ("general.", "tokenizer.", "GGUF.")
DIFFERENT = "DIFFERENT"
KEPT = ("general.architecture", "general.file_type", "general.quantization_version")


def reference(merged: Path, given: argparse.Namespace, quantization: str, scratch: Path, matrix: str) -> Path:
    """The file that llama.cpp makes of the merged model."""
    plain, small = scratch / "plain.gguf", scratch / f"{quantization}-theirs.gguf"
    if not plain.is_file():
        _run([sys.executable, str(STEPS), "convert", str(merged), str(given.llama_cpp), str(plain)])
    if quantization == "bf16":
        return plain
    weighed = ["--imatrix", matrix] if matrix else []
    _run([str(given.quantizer), *weighed, str(plain), str(small), quantization, str(given.threads)])
    return small


def importance_of(base: Path, adapter: Path, path: Path) -> str:
    """`path` is an importance matrix of the model, measured on random tokens by our own exporter; its name."""
    import torch
    from transformers import AutoConfig

    from loresmith.export import activations, importance, layout
    from loresmith.models import lora_weights
    from loresmith.models.merging import MergedWeights

    rng = torch.Generator().manual_seed(13)
    texts = [torch.randint(256, (length,), generator=rng).tolist() for length in (128, 64, 31)]
    how = activations.Running(torch.device("cpu"), torch.float32)
    sums: activations.Sums = {}
    with MergedWeights(base, lora_weights.read(adapter)) as weights:
        names = layout.gguf_names(weights.shards, tied=True)
        for found in activations.squares(weights, AutoConfig.from_pretrained(base), texts, how):
            sums |= {names[name]: total for name, total in found.items()}
    importance.save(path, sums, texts, "benchmark")
    return str(path)


def compared(ours: Path, theirs: Path) -> tuple[list[str], int]:
    """A line for each tensor and each key that differs, and how many differ."""
    from gguf import GGUFReader

    mine, other = GGUFReader(ours), GGUFReader(theirs)
    left, right = ({tensor.name: tensor for tensor in reader.tensors} for reader in (mine, other))
    lines, faults = [], 0
    for name in [*left, *(name for name in right if name not in left)]:
        a, b = left.get(name), right.get(name)
        same = (
            a is not None and b is not None and a.tensor_type == b.tensor_type and a.data.tobytes() == b.data.tobytes()
        )
        faults += not same
        kinds = " / ".join(dict.fromkeys(t.tensor_type.name if t is not None else "absent" for t in (a, b)))
        shape = "x".join(map(str, (a if a is not None else b).shape))  # type: ignore[union-attr]
        lines.append(f"{name:<28} {shape:>12} {kinds:<6} {'same bytes' if same else DIFFERENT}")
    for key in sorted(_keys(mine).keys() & _keys(other).keys()):
        if _keys(mine)[key] != _keys(other)[key]:
            faults += 1
            lines.append(f"{key}: {_keys(mine)[key]} / {_keys(other)[key]} {DIFFERENT}")
    return lines, faults


def _keys(reader: Any) -> dict[str, Any]:
    return {
        name: field.contents()
        for name, field in reader.fields.items()
        if name in KEPT or not name.startswith(OTHER_KEYS)
    }


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stderr[-3000:]}")


def main() -> int:
    """Compare every shape in every type."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-cpp", type=Path, required=True, help="Folder with convert_hf_to_gguf.py.")
    parser.add_argument("--quantizer", type=Path, required=True, help="llama-quantize, built from the same folder.")
    shapes = list(export_models.SHAPES)
    parser.add_argument("--shapes", nargs="+", default=shapes, choices=shapes)
    parser.add_argument("--quantizations", nargs="+", default=["q4_k_m"], choices=get_args(Quantization))
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--words", type=int, default=4096, help="Rows of the embedding; all rows are treated alike.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--importance", action="store_true", help="Both take the same importance matrix.")
    parser.add_argument("--work", type=Path, help="Keep the models here instead of a temporary folder.")
    given = parser.parse_args()
    from loresmith.models import lora_weights, merging

    work = given.work or Path(tempfile.mkdtemp(prefix="loresmith-parity-"))
    faults = 0
    for shape in given.shapes:
        base, adapter = export_models.build(work, shape, layers=given.layers, words=given.words)
        merged = work / f"{base.name}-merged"
        for _ in merging.merge_to_folder(base, lora_weights.read(adapter), merged):
            pass
        scratch = work / f"{base.name}-files"
        scratch.mkdir(exist_ok=True)
        matrix = importance_of(base, adapter, scratch / "importance.gguf") if given.importance else ""
        for quantization in given.quantizations:
            target = scratch / f"{quantization}-ours.gguf"
            export_steps.ours(str(base), str(adapter), str(target), quantization, matrix)
            lines, wrong = compared(target, reference(merged, given, quantization, scratch, matrix))
            print("\n".join([f"\n{shape}, {quantization}", *lines]), flush=True)
            print(f"{shape} {quantization}: {len(lines) - wrong} of {len(lines)} the same", flush=True)
            faults += wrong
        shutil.rmtree(scratch)
    if given.work is None:
        shutil.rmtree(work)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
