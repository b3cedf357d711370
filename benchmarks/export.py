"""Our export beside the usual way (PEFT merge and save, convert_hf_to_gguf, llama-quantize), in one run.

    python benchmarks/export.py --llama-cpp vendor/llama.cpp --quantizer build/bin/llama-quantize
    python benchmarks/export.py --llama-cpp ... --quantizer ... --shape llama-3.2-3b --layers 4   # smaller

How to get llama.cpp is told in `export_parity.py`. The model is random, of real width; without --layers it is whole
(6 GB for 3B, 6 GB more for the merged copy and 6 GB for the 16-bit GGUF). Each step runs in a process of its own.
Memory is the most that was not backed by a file (RssAnon, looked at every 20 ms; Linux only), for pages of mapped files
are given back when others need them. Every tensor of both files is compared. Exits 1 if a goal is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import export_models, export_parity
from loresmith.recipe.export import Quantization

STEPS = Path(__file__).with_name("export_steps.py")
MOST_GB, MOST_TIME, MOST_BESIDE = 1.0, 0.6, 32 << 20
"""Goals: anonymous memory, wall time as a share of the reference's, bytes beside the target (tokenizer and journal)."""


@dataclass(frozen=True)
class Used:
    """What a step took."""

    wall: float
    cpu: float
    memory_bytes: int
    beside_bytes: int
    """Most that lay in the target's folder besides the target."""

    def __add__(self, other: "Used") -> "Used":
        most = max(self.memory_bytes, other.memory_bytes)
        return Used(self.wall + other.wall, self.cpu + other.cpu, most, self.beside_bytes + other.beside_bytes)

    def line(self, name: str) -> str:
        """A row of the table."""
        return f"{name:<26} {self.wall:>8.1f} {self.cpu:>8.1f} {self.memory_bytes / 1e9:>9.2f}"


def measured(command: list[str], target: Path) -> Used:
    """Run a step that makes `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    memory = beside = 0
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            memory = max(memory, _anonymous(process.pid))
            beside = max(beside, size(path for path in target.parent.iterdir() if path != target))
            time.sleep(0.02)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise SystemExit(f"{' '.join(command)} failed ({process.returncode}):\n{told.read()[-3000:]}")
    return Used(wall, usage.ru_utime + usage.ru_stime, memory, beside)


def size(paths: Iterable[Path]) -> int:
    """Bytes of files and of folders with all that is in them; what vanishes meanwhile counts nothing."""
    total = 0
    for path in paths:
        try:
            total += size(path.iterdir()) if path.is_dir() else path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _anonymous(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def reference(base: Path, adapter: Path, given: argparse.Namespace, work: Path) -> tuple[dict[str, Used], int, Path]:
    """Each step of the usual way, the bytes between, and the result."""
    step = [sys.executable, str(STEPS)]
    merged, plain, small = work / "merged", work / "plain" / "model.gguf", work / "small" / "model.gguf"
    steps = {"PEFT merge and save": measured([*step, "merge", str(base), str(adapter), str(merged)], merged / "x")}
    convert = [*step, "convert", str(merged), str(given.llama_cpp), str(plain)]
    steps["convert_hf_to_gguf"] = measured(convert, plain)
    quantise = [str(given.quantizer), str(plain), str(small), given.quantization, str(given.threads)]
    steps["llama-quantize"] = measured(quantise, small)
    return steps, size([merged, plain]), small


def main() -> int:
    """Print the table and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-cpp", type=Path, required=True, help="Folder with convert_hf_to_gguf.py.")
    parser.add_argument("--quantizer", type=Path, required=True, help="llama-quantize, built from the same folder.")
    parser.add_argument("--shape", default="qwen2.5-3b", choices=list(export_models.SHAPES))
    parser.add_argument("--layers", type=int, help="Fewer than the shape has.")
    parser.add_argument("--words", type=int, help="Rows of the embedding, if not those of the shape.")
    parser.add_argument("--quantization", default="q4_k_m", choices=get_args(Quantization))
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="Of llama-quantize.")
    parser.add_argument("--work", type=Path, help="Keep the random model here instead of a temporary folder.")
    given = parser.parse_args()
    work = given.work or Path(tempfile.mkdtemp(prefix="loresmith-export-"))
    base, adapter = export_models.build(work, given.shape, layers=given.layers, words=given.words)
    files = work / "files"
    shutil.rmtree(files, ignore_errors=True)
    target = files / "ours" / "model.gguf"
    command = [sys.executable, str(STEPS), "ours", str(base), str(adapter), str(target), given.quantization]
    ours = measured(command, target)
    written = size([target])
    steps, between, small = reference(base, adapter, given, files)
    theirs = size([small])
    lines, different = export_parity.compared(target, small)
    usual = sum(steps.values(), Used(0, 0, 0, 0))
    print(f"{base.name}, {size([base]) / 1e9:.2f} GB, to {given.quantization}\n{'':<26} wall s    CPU s  memory GB")
    print("\n".join(used.line(name) for name, used in {"loresmith": ours, **steps, "the usual way": usual}.items()))
    print(
        f"result {written / 1e9:.3f} GB (theirs {theirs / 1e9:.3f}); between {ours.beside_bytes / 1e6:.1f} MB", end=""
    )
    print(
        f" (theirs {between / 1e9:.2f} GB); wall {ours.wall / usual.wall:.2f}, CPU {ours.cpu / usual.cpu:.2f} of theirs"
    )
    print(f"{len(lines) - different} of {len(lines)} tensors have the same bytes")
    for line in lines:
        if line.endswith(export_parity.DIFFERENT):
            print(line)
    goals = {
        f"memory at most {MOST_GB} GB": ours.memory_bytes <= MOST_GB * 1e9,
        "no intermediate model": ours.beside_bytes <= MOST_BESIDE,
        f"wall at most {MOST_TIME} of the usual way": ours.wall <= MOST_TIME * usual.wall,
        "the same bytes": different == 0,
    }
    print("\n".join(f"{'met' if met else 'MISSED'}: {goal}" for goal, met in goals.items()))
    print(json.dumps({"ours": vars(ours), "steps": {name: vars(used) for name, used in steps.items()}}))
    shutil.rmtree(files if given.work else work)
    return int(not all(goals.values()))


if __name__ == "__main__":
    sys.exit(main())
