"""The base with the adapter merged into it as a folder of safetensors, in 16 bits: the model of the parity exam."""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.progress import Work
from loresmith.publish.expert import Expert
from loresmith.recipe.settings import TrainSettings
from loresmith.records import Progress

FOLDER = "merged"
STAGE = "merge"


def merged(expert: Expert) -> Work[Artifact]:
    """The artifact in PROJECT/merged, made when it is not there or of another adapter.

    Raises:
        UserError: the base is gone, or the adapter does not fit it.
        MachineError: too little space on the disk.
    """
    from loresmith.models import locate, lora_weights, merging

    settings = TrainSettings.model_validate(expert.settings("train"))
    adapter = expert.material.parents["train"]
    source = locate.find(settings.model.base, settings.model.revision)
    plan = Plan(STAGE, settings, {"train": adapter}, {"model": locate.identity(source)})
    target: Path = expert.project.path / FOLDER
    if (there := artifact.state(target, plan).artifact) is not None:
        return there
    total = len(merging.shards(source.path))
    with artifact.create(target, plan) as draft:
        lora = lora_weights.read(adapter.path)
        written = merging.merge_to_folder(source.path, lora, draft.path, dtype=lambda weights: weights.sixteen_bit)
        for done, name in enumerate(written, 1):
            yield Progress(stage=STAGE, done=done, total=total, note=name)
    return artifact.read(target, made_by=f"push {expert.project.path} --what merged")
