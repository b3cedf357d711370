"""Export: the adapter merged into its 16-bit base, quantised, in one GGUF file that llama.cpp and Ollama run.

A model whose every weight was trained is taken as it is.

Reads `adapter/` (parent `train`) and the base model of the recipe; writes `model.gguf` with tokenizer and chat template
inside, and a `Modelfile`. One pass over the memory-mapped base, tensor by tensor: no merged model is ever in memory or
on the disk, and the same inputs give the same bytes. A killed export starts anew; it takes seconds per billion weights.

Not covered: architectures other than llama, qwen2 and qwen3, mixtures of experts, importance matrices, pushing to the
Hub. That the file answers as it should is for `parity` to say.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import LoresmithError
from loresmith.progress import Work
from loresmith.recipe.settings import ExportSettings
from loresmith.records import Progress

WEIGHTS, MODELFILE = "model.gguf", "Modelfile"


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """`target` holds the model as one GGUF file and the Modelfile to go with it.

    Raises:
        UserError: the base or the adapter cannot be exported; says why.
        MachineError: too little space on the disk, or no quantiser.
    """
    from loresmith.export import shipping
    from loresmith.models import full_weights, locate

    settings = plan.settings
    if not isinstance(settings, ExportSettings):
        raise LoresmithError(f"export got {type(settings).__name__}.", next_step="This is a bug: please report it.")
    with artifact.create(target, plan) as draft:
        source = locate.find(settings.model.base, settings.model.revision)
        tuned = full_weights.tuned(source.path, plan.parents["train"].path)
        shipment = shipping.prepare(settings, tuned.lora, draft.path, tuned.weights)
        done = 0
        for done, name in enumerate(shipping.write(shipment, draft.path / WEIGHTS), 1):
            yield Progress(stage="export", done=done, total=shipment.tensors, note=name)
        (draft.path / MODELFILE).write_text(shipment.modelfile, encoding="utf-8", newline="\n")
        draft.counts["tensors"] = done
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
