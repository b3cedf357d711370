"""Open a roster: the base model with the adapters of its experts, their indexes, and the router beside the file."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from loresmith import artifact
from loresmith.errors import ArtifactMissing, UserError
from loresmith.models.voices import Voices
from loresmith.pipeline import open_project, stage
from loresmith.recipe import ModelConfig
from loresmith.recipe.experts import Roster, RosterEntry
from loresmith.router.decision import Router, open_router
from loresmith.router.training import FOLDER
from loresmith.serve.expert import Writer
from loresmith.serve.roster import OpenRoster, open_member

GGUF_ADAPTER = "adapter.gguf"
"""What `export.also: adapter` leaves in the export."""


def open_roster(roster: Roster, place: Path, generator: Writer = "auto") -> OpenRoster:
    """The experts of `roster`, whose file lies in the folder `place`, ready to answer.

    With the generator `none` no model is opened. Without a trained router there is no `auto`, and a single expert
    needs none.

    Raises:
        ArtifactMissing: an index, or an adapter, was not made yet; names the verb.
        UserError: the experts do not share a base, or an adapter does not fit it.
    """
    with ExitStack() as undo:
        voices = None if generator == "none" else open_voices(roster)
        if voices is not None:
            undo.callback(voices.close)
        members = {}
        for entry in roster.experts:
            members[entry.name] = open_member(entry, voices)
            undo.callback(members[entry.name].expert.close)
        opened = OpenRoster(roster, members, None, voices)
        opened.router = trained_router(roster, place, opened)
        undo.pop_all()
    return opened


def trained_router(roster: Roster, place: Path, opened: OpenRoster) -> Router | None:
    """The router in the folder `place`, if one was trained, with the keywords of `roster`.

    It embeds with the embedder of `opened`, which is in memory already, unless it learned from another's vectors.
    """
    try:
        router = open_router(place / FOLDER, roster.keywords)
    except ArtifactMissing:
        return None
    if opened.embedder_name() == router.facts.embedder:
        router.embed_with(opened.embed)
    return router


def open_voices(roster: Roster) -> Voices:
    """The common base with the adapter of every expert. Raises as `open_roster` does."""
    from loresmith.models.locate import find

    model = require_one_base(roster)
    if roster.base is not None:
        from loresmith.models.gguf_voices import GgufVoices

        return GgufVoices(find(roster.base).path, adapters(roster))
    from loresmith.models.peft_voices import PeftVoices

    return PeftVoices(find(model.base, model.revision), model.dtype, adapters(roster))


def require_one_base(roster: Roster, like: ModelConfig | None = None) -> ModelConfig:
    """The model that the recipes of all experts name, which is `like` where it is given.

    Raises:
        UserError: one of them names another.
    """
    models = {one.name: open_project(Path(one.project)).recipe.model for one in roster.experts}
    first = like or next(iter(models.values()))
    for name, model in models.items():
        if (model.base, model.revision) != (first.base, first.revision):
            raise UserError(
                f"The expert {name!r} is on {model.base}, others are on {first.base}; adapters share one base.",
                next_step="List experts of one base in a file, or train the adapter again on the common one.",
            )
    return first


def adapters(roster: Roster) -> Mapping[str, Path]:
    """Where each expert's adapter lies: a folder of PEFT, or with a GGUF base a GGUF file.

    Raises:
        ArtifactMissing: a project was not trained, or not exported.
    """
    return {entry.name: _adapter(entry, is_gguf=roster.base is not None) for entry in roster.experts}


def _adapter(entry: RosterEntry, *, is_gguf: bool) -> Path:
    if entry.adapter is not None:
        return Path(entry.adapter)
    if is_gguf:
        return artifact.read(Path(entry.project) / stage("export").folder, made_by="export") / GGUF_ADAPTER
    return artifact.read(Path(entry.project) / stage("train").folder, made_by="train").path
