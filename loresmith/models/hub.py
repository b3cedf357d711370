"""A model of the Hugging Face Hub as a folder in the local cache; downloaded when it is not there yet.

Only safetensors, JSON, text, templates and tokenizer models are fetched. Signing in is left to `hf auth login`.
"""

import re
from pathlib import Path

from loresmith.errors import MachineError, UserError

WANTED = ("*.safetensors", "*.json", "*.txt", "*.jinja", "*.model")
"""Files of a model folder that can matter; nothing else is downloaded. No pickle, no code."""
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


def cached(repository: str, revision: str | None = None) -> Path | None:
    """The folder of the snapshot in the local cache, or `None`; the network is not asked. It may lack files.

    Raises:
        UserError: `repository` has not the form of a Hub id.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    if not HUB_ID.fullmatch(repository):
        raise UserError(
            f"There is no model at {repository}, and that is no Hub id either.",
            next_step="Set `model.base` to a folder, a .gguf file, a Hub id (Qwen/Qwen2.5-3B-Instruct), or `starter`.",
        )
    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=[*WANTED], local_files_only=True))
    except LocalEntryNotFoundError:
        return None


def download(repository: str, revision: str | None = None) -> Path:
    """The folder of the snapshot, fetched whole into the local cache.

    Raises:
        UserError: there is no such repository or revision, its licence must be accepted, or the Hub is out of reach;
            names the command that gets it.
        MachineError: the files cannot be written.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    at = f" --revision {revision}" if revision else ""
    command = f"hf download {repository}{at}"
    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=[*WANTED]))
    except GatedRepoError as fault:
        raise UserError(
            f"{repository} asks for its licence to be accepted first.",
            next_step=f"Accept it on https://huggingface.co/{repository}, then `hf auth login` and `{command}`.",
        ) from fault
    except RepositoryNotFoundError as fault:
        raise UserError(
            f"There is no folder {repository} here and no such model on the Hub (or it is private).",
            next_step="Check the spelling of `model.base`; for a private model run `hf auth login` first.",
        ) from fault
    except RevisionNotFoundError as fault:
        raise UserError(
            f"{repository} has no revision {revision!r}.", next_step="Name a branch, tag or commit that it has."
        ) from fault
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, ConnectionError) as fault:
        raise UserError(
            f"{repository} is not in the local cache, and the Hub cannot be reached.",
            next_step=f"Run `{command}` where there is a network, or set `model.base` to a local folder or `starter`.",
        ) from fault
    except OSError as fault:
        raise MachineError(
            f"{repository} could not be stored: {fault}.", next_step=f"Free some space, then run `{command}`."
        ) from fault
