"""Export: the adapter merged into its 16-bit base, quantised, in one GGUF file that llama.cpp and Ollama run.

A model whose every weight was trained is taken as it is.

Reads `adapter/` (parent `train`) and the base model of the recipe; for an importance matrix also the training questions
in `split/` and their passages in `chunks/`. Writes `model.gguf` with tokenizer and chat template inside, and a
`Modelfile`; on request also the merged model in safetensors, the adapter alone as GGUF, and the matrix. One pass over
the memory-mapped base, tensor by tensor: no merged model is ever in memory, and none on the disk unless it was asked
for. The same inputs give the same bytes. A killed export goes on after the last whole tensor.

Not covered: architectures other than llama, qwen2 and qwen3, mixtures of experts, pushing to the Hub. That the file
answers as it should is for `parity` to say.
"""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loresmith import artifact
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.errors import LoresmithError
from loresmith.progress import Work
from loresmith.recipe.settings import ExportSettings
from loresmith.records import Progress

if TYPE_CHECKING:
    from loresmith.export.importance import Importance
    from loresmith.export.shipping import Shipment

WEIGHTS, MODELFILE, IMPORTANCE = "model.gguf", "Modelfile", "importance.gguf"
MERGED, ADAPTER = "merged", "adapter.gguf"


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """`target` holds the model as one GGUF file and the Modelfile to go with it.

    Raises:
        UserError: the base or the adapter cannot be exported; says why.
        MachineError: too little space on the disk or too little memory, or no quantiser.
    """
    from loresmith.export import shipping
    from loresmith.models import full_weights, locate

    settings = plan.settings
    if not isinstance(settings, ExportSettings):
        raise LoresmithError(f"export got {type(settings).__name__}.", next_step="This is a bug: please report it.")
    with artifact.create(target, plan, resume=True) as draft:
        source = locate.find(settings.model.base, settings.model.revision)
        tuned = full_weights.tuned(source.path, plan.parents["train"].path)
        shipment = shipping.prepare(settings, tuned.lora, draft.path, tuned.weights)
        yield from _written(shipment, draft.path / WEIGHTS, (yield from _importance(plan, shipment, draft)))
        yield from _beside(shipment, draft.path)
        (draft.path / MODELFILE).write_text(shipment.modelfile, encoding="utf-8", newline="\n")
        draft.counts["tensors"] = shipment.tensors
        draft.notes.update(shipment.notes())
        draft.notes["merged_into"] = _merged_into(plan.parents["train"].manifest.settings)
    return artifact.read(target, made_by="export")


def _merged_into(trained: Mapping[str, Any]) -> str:
    """What the update was added to, in words for the report."""
    method = trained.get("train", {}).get("method")
    if method == "full":
        return "nothing: every weight was trained"
    if method == "qlora":
        return "the 16-bit base, not the 4-bit one that it was trained beside"
    return "the 16-bit base"


def _importance(plan: Plan, shipment: "Shipment", draft: Draft) -> Work["Importance"]:
    """Which columns matter, if the recipe asks for it; the notes say whether and on what it was measured."""
    from loresmith.export import calibration, importance

    if shipment.settings.export.importance == "none":
        return importance.NONE
    if not shipment.wants_importance:
        draft.notes["importance"] = f"not used: {shipment.settings.export.quantization} takes no heed of it"
        return importance.NONE
    measured = yield from calibration.measure(plan, shipment, draft.path / IMPORTANCE)
    draft.notes["importance"] = f"measured on {measured.tokens:,} tokens of {measured.texts:,} training conversations"
    return measured


def _written(shipment: "Shipment", path: Path, measured: "Importance") -> Work[None]:
    """The GGUF file, with the tensors and the seconds that are left."""
    from loresmith.export import pace, shipping

    began, costs = time.monotonic(), [pace.cost([tensor]) for tensor in shipment.planned]
    start: int | None = None
    for step in shipping.write(shipment, path, measured):
        start = step.done - 1 if start is None else start
        left = pace.words_left(sum(costs[start : step.done]), sum(costs[step.done :]), time.monotonic() - began)
        note = ", ".join(filter(None, [f"{step.tensor.name} {step.tensor.kind}", left]))
        yield Progress(stage="export", done=step.done, total=shipment.tensors, note=note)


def _beside(shipment: "Shipment", folder: Path) -> Work[None]:
    """What `export.also` asks for."""
    from loresmith.export import adapter_file
    from loresmith.models.merging import merge_to_folder

    also = shipment.settings.export.also
    if "adapter" in also:
        adapter_file.write(folder / ADAPTER, shipment.name, shipment.tuned.lora, shipment.layout)
    if "merged" in also:
        shutil.rmtree(folder / MERGED, ignore_errors=True)  # of an attempt that was killed here
        for name in merge_to_folder(shipment.tuned.weights, shipment.tuned.lora, folder / MERGED):
            yield Progress(stage="export", done=shipment.tensors, total=shipment.tensors, note=f"{MERGED} {name}")
