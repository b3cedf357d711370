"""Peaks of memory that `loresmith plan` predicts, beside those of real training steps on this machine's processors.

    python benchmarks/plan.py [--only starter,5m] [--steps 4] [--count]

Each case trains in a process of its own, by the package's trainer, on random conversations of 60 to 200 tokens that
share a system message of 20. Peak: what the kernel counts as the process's largest resident set (VmHWM), above what it
held after imports and a training of a toy model. Tensors and code: the same in a second process whose allocator
gives every block back at once (`MALLOC_MMAP_THRESHOLD_`), so that the difference to the first is what glibc keeps in
holes of its heap; `--count` counts the tensors in Python too. Code is predicted for the products that oneDNN says it
compiled, which a plan takes to be as many as it keeps. `of the rate`: operations per second of processor time over
those of one matrix product. Linux and glibc only.
"""

import argparse
import ctypes
import gc
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import weakref
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

SIZES = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
SHAPES = {
    "toy": (512, 64, 128, 2, 4, 2),
    "5m": (4096, 256, 768, 4, 4, 2),
    "30m": (8192, 512, 1536, 8, 8, 2),
    "110m": (16384, 768, 2560, 12, 12, 4),
    "qwen2.5-0.5b": (151936, 896, 4864, 24, 14, 2),
}
SHARED, LONGEST = 20, 200


@dataclass(frozen=True)
class Job:
    """One process."""

    shape: str
    dtype: str
    tokens: int
    conversations: int
    """In one optimizer step."""
    steps: int
    method: str = "lora"
    count_tensors: bool = False
    gives_back: bool = False
    """Whether freed memory goes back to the kernel at once, where training keeps it (`train.heap`)."""


JOBS = (
    Job("starter", "float32", 1024, 16, 4),
    Job("starter", "bfloat16", 1024, 16, 4),
    Job("5m", "float32", 1024, 16, 4),
    Job("30m", "float32", 1024, 16, 4),
    Job("30m", "bfloat16", 1024, 16, 4),
    Job("110m", "float32", 512, 8, 3),
    Job("110m", "bfloat16", 512, 8, 3),
    Job("qwen2.5-0.5b", "bfloat16", 256, 4, 2),
    Job("5m", "float32", 1024, 16, 4, "full"),
    Job("30m", "float32", 1024, 16, 4, "full"),
    Job("30m", "bfloat16", 1024, 16, 4, "qlora"),
)
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536"}
"""glibc gives blocks from this size on back to the kernel when they are freed."""


def main() -> int:
    """Run every case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="Names of shapes, with commas.")
    parser.add_argument("--steps", type=int, help="Optimizer steps of each case.")
    parser.add_argument("--dtype", default="", help="Only this one.")
    parser.add_argument("--count", action="store_true", help="Also count the tensors alive, in a process of its own.")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measured(Job(**json.loads(given.child)))))
        return 0
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', '-')}"
    )
    print(
        "| shape | way | row | tensors and code of so many products, MB: predicted, measured | "
        "holes, MB: predicted, measured | peak, MB: predicted, measured after each step | ratio | of the rate |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|", flush=True)
    wanted = given.only.split(",") if given.only else [job.shape for job in JOBS]
    for job in JOBS:
        if job.shape in wanted and given.dtype in ("", job.dtype):
            print(line(replace(job, steps=given.steps or job.steps), given.count), flush=True)
    return 0


def line(job: Job, count: bool) -> str:
    """One row of the table."""
    from loresmith.sizing.memory import PRODUCT_CODE

    found, tight = in_process(job), in_process(replace(job, gives_back=True))
    code = PRODUCT_CODE * found["compiled"]
    predicted = found["predicted"] + code
    tensors = f"{mega(found['tensors'])} + {mega(code)} for {found['compiled']}, {mega(tight['measured'])}"
    if count:
        counted = in_process(replace(job, steps=1, count_tensors=True))
        tensors += f" (one step: {mega(counted['tensors'])}, counted {mega(counted['live'])})"
    holes, steps = found["measured"] - tight["measured"], ", ".join(map(str, found["steps"]))
    reached = found["operations"] / found["seconds"] / found["rate"]
    return (
        f"| {job.shape}, {found['parameters'] / 1e6:.1f} M | {job.method}, {job.dtype} | {found['row']} | {tensors} "
        f"| {mega(found['parts']['allocator'])}, {mega(holes)} | {mega(predicted)}; {steps} "
        f"| {predicted / found['measured']:.2f} | {reached:.0%} |"
        f" <!-- {json.dumps({key: found[key] for key in ('baseline', 'reached', 'parts', 'rate')})} -->"
    )


def mega(size: int) -> str:
    """In megabytes."""
    return f"{size / 1e6:.0f}"


def in_process(job: Job) -> dict[str, Any]:
    """What a process of its own says about `job`, and how many products were compiled in it."""
    around = AT_ONCE if job.gives_back else {}
    command = [sys.executable, __file__, "--child", json.dumps(asdict(job))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | around)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"compiled": done.stdout.count("create:cache_miss")}


def measured(job: Job) -> dict[str, Any]:
    """Train as `job` says, in this process, and compare."""
    import torch

    from loresmith.sizing.machine import rate
    from loresmith.train import heap
    from loresmith.train.course import Course
    from loresmith.train.trouble import Order

    train = settings(job)
    around = nullcontext if job.gives_back else heap.kept
    onednn = torch.backends.mkldnn
    compiling = onednn.verbose(onednn.VERBOSE_ON_CREATION)  # type: ignore[no-untyped-call]  # prints a line a product
    with tempfile.TemporaryDirectory() as given:
        work = Path(given)
        for name in ("toy", job.shape):
            build(name, job.dtype, work / name)
        for place in ("first", "second"):
            (work / place).mkdir()
        warm = Course(load(work / "toy", job), "toy", lessons(512, 2 * job.conversations), train, work / "first")
        with around():
            list(warm.steps(Order()))
        del warm
        gc.collect()
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        baseline = status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
        network = load(work / job.shape, job)
        examples = lessons(network.config.vocab_size, job.steps * job.conversations)
        course = Course(network, job.shape, examples, train, work / "second")
        seen = watched(course.network)
        counting = Live(standing(course))
        cpu, steps = time.process_time(), []
        with around(), compiling, counting if job.count_tensors else torch.enable_grad():
            for _ in course.steps(Order()):
                steps.append(round((status("VmHWM") - baseline) / 1e6))
        seconds = time.process_time() - cpu
        peak = status("VmHWM") - baseline
        rows = [row for step in range(job.steps) for row in course._rows(step)]
    return {
        **compared(job, network.config.to_dict(), rows, seen),
        "measured": peak,
        "live": counting.most,
        "baseline": baseline,
        "seconds": seconds,
        "steps": steps,
        "rate": rate(job.dtype, "cpu", clock=time.process_time),
    }


def settings(job: Job) -> Any:
    """The recipe's part for `job`."""
    from loresmith.recipe import TrainConfig

    asked = {"method": job.method, "max_length": job.tokens, "per_device_train_batch_size": job.conversations}
    return TrainConfig.model_validate({**asked, "num_train_epochs": 1})


def standing(course: Any) -> list[Any]:
    """Tensors that stay through the whole run: the network's, those that are trained, the optimizer's."""
    fixed = [*course.network.parameters(), *course.network.buffers()]
    return [*fixed, course.adapter.weights, course.adapter.gradient, *course.optimizer.state().values()]


def compared(job: Job, config: dict[str, Any], rows: list[Any], seen: list[Any]) -> dict[str, Any]:
    """The predictions for the one of the rows as `seen` that the arithmetic holds to be the heaviest."""
    from loresmith.sizing import compute, shape
    from loresmith.sizing.memory import training_peak
    from loresmith.train.objective import loss_tokens

    sizes, train = shape.read(config), settings(job)
    peaks = [(training_peak(sizes, train, job.dtype, found, "cpu"), found) for found in seen]
    peak, row = max(peaks, key=lambda pair: pair[0].total)
    work = compute.Work(
        sum(len(row) for row in rows), sum(len(c.ids) for r in rows for c in r), sum(loss_tokens(r) for r in rows)
    )
    return {
        "parameters": sizes.parameters,
        "row": f"{row.tokens}",
        "reached": f"keys {row.keys / row.tokens:.2f}, told {row.told / row.tokens:.2f}",
        "parts": asdict(peak),
        "predicted": peak.total - peak.program - peak.compiled,
        "tensors": peak.lasting + peak.activations + peak.working,
        "operations": compute.operations(sizes, train, work),
    }


def watched(network: Any) -> list[Any]:
    """The rows that `network` is handed from here on, as the arithmetic wants to know them."""
    found: list[Any] = []

    def note(module: Any, given: Any, named: dict[str, Any]) -> None:
        told = named.get("told", named.get("logits_to_keep"))
        if told is not None:  # the decoder is told where the head is fused, else the network
            found.append(facts(named["input_ids"].numel(), len(told), named["documents"].groups, network.dtype))

    for module in (network, network.get_decoder()):
        module.register_forward_pre_hook(note, with_kwargs=True)
    return found


def facts(tokens: int, told: int, groups: Any, dtype: Any) -> Any:
    """What the arithmetic asks of a row."""
    import torch

    from loresmith.sizing.rows import Row
    from loresmith.train import short

    places = sum(group.slots for group in groups)
    brief = [group for group in groups if dtype != torch.float32 and group.longest <= short.LONGEST]
    pairs = sum(group.slots * group.longest for group in brief)
    return Row(tokens, told, queries=places, keys=places, short=sum(group.slots for group in brief), pairs=pairs)


class Live:
    """Bytes of tensors alive, and the most there were; a context, as a dispatch mode of torch."""

    def __init__(self, there: list[Any]) -> None:
        self.now = self.most = sum(unique(there).values())
        self.sizes = unique(there)
        self._mode: Any = None

    def __enter__(self) -> "Live":
        from torch.utils._python_dispatch import TorchDispatchMode
        from torch.utils._pytree import tree_leaves

        live = self

        class Mode(TorchDispatchMode):  # type: ignore[no-untyped-call]
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                made = func(*args, **(kwargs or {}))
                for leaf in tree_leaves(made):
                    live.note(leaf)
                return made

        self._mode = Mode()  # type: ignore[no-untyped-call]
        self._mode.__enter__()
        return self

    def __exit__(self, *fault: Any) -> None:
        self._mode.__exit__(*fault)

    def note(self, leaf: Any) -> None:
        """Count a tensor that was just made, until it goes."""
        if not hasattr(leaf, "untyped_storage"):
            return
        storage = leaf.untyped_storage()
        if storage._cdata in self.sizes:
            return
        self.sizes[storage._cdata] = storage.nbytes()
        self.now += storage.nbytes()
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self.drop, storage._cdata)

    def drop(self, key: int) -> None:
        """Take a tensor that is gone off the count."""
        self.now -= self.sizes.pop(key)


def unique(tensors: list[Any]) -> dict[int, int]:
    """Bytes of each storage behind `tensors`."""
    return {t.untyped_storage()._cdata: t.untyped_storage().nbytes() for t in tensors}


def build(name: str, dtype: str, folder: Path) -> None:
    """A random model of the Qwen2 layout in `folder`; the starter with its own weights."""
    import torch
    from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

    import loresmith.models

    kind = getattr(torch, dtype)
    if name in SHAPES:
        *sizes, keys = SHAPES[name]
        given = {**dict(zip(SIZES, sizes, strict=True)), "num_key_value_heads": keys, "tie_word_embeddings": True}
        network = Qwen2ForCausalLM(Qwen2Config(**given)).to(kind)
    else:
        starter = Path(loresmith.models.__file__).parent / "starter"
        network = AutoModelForCausalLM.from_pretrained(str(starter), dtype=kind)
    network.save_pretrained(folder)


def load(folder: Path, job: Job) -> Any:
    """As the package loads a base, without asking for a tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM

    from loresmith.train.methods import in_four_bits

    network = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=getattr(torch, job.dtype), attn_implementation="sdpa", local_files_only=True
    )
    network.requires_grad_(False)
    return (in_four_bits(network, torch.device("cpu")) if job.method == "qlora" else network).eval()


def lessons(vocabulary: int, count: int) -> Any:
    """Random conversations of lognormal length that open alike, loss on their second half."""
    import numpy as np

    from loresmith.plugins import Conversation, TrainingSet

    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        length = int(np.clip(rng.lognormal(np.log(110), 0.33), 60, LONGEST))
        ids = [*range(SHARED), *map(int, rng.integers(0, vocabulary, length - SHARED))]
        made.append(Conversation(tuple(ids), length // 2))
    return TrainingSet(tuple(made), ())


def status(key: str) -> int:
    """Bytes that the kernel names for this process."""
    for text in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if text.startswith(key + ":"):
            return int(text.split()[1]) * 1024
    raise SystemExit("Linux only: /proc/self/status lacks " + key)


if __name__ == "__main__":
    raise SystemExit(main())
