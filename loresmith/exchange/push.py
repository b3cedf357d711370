"""A shipment into a dataset repository of the Hugging Face Hub, in one commit.

The token is the one in HF_TOKEN or that of `hf auth login`; it is never taken from elsewhere and never shown. Nothing
is deleted: files of the repository that the shipment does not have are named. What the repository has with the same
hash is not sent again, and large files that arrived before an interruption are not either.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loresmith.errors import UserError
from loresmith.exchange.destination import Destination
from loresmith.exchange.hub_refusals import explained
from loresmith.exchange.shipment import Shipment
from loresmith.progress import Work
from loresmith.records import Progress, Record

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.hf_api import DatasetInfo, RepoFile

STAGE = "push"
OF_THE_HUB = {".gitattributes"}
"""What the Hub itself puts into a new repository."""
BATCH_FILES, BATCH_BYTES = 100, 64 << 20
"""Progress is told after every batch; the Hub takes 256 files in one question."""


class Pushed(Record):
    """What a push left on the Hub."""

    repository: str
    branch: str
    url: str
    commit: str
    created: bool
    """Whether the repository is new."""
    private: bool
    license: str
    rows: int
    sent: dict[str, int]
    """File to bytes."""
    already_there: dict[str, int]
    """Files that the repository had with the same hash."""
    also_there: list[str]
    """Files of the repository that are not of this dataset."""
    left_behind: dict[str, str]
    """Files of the folder that were not sent, with the reason."""


def push(shipment: Shipment, destination: Destination) -> Work[Pushed]:
    """Leave the files of `shipment` in the repository, and check that they arrived.

    Raises:
        UserError: no token, one that the Hub does not accept or that may not write there, no repository or branch and
            none to be made, a public one where a private one is asked for, another commit in between, no network.
    """
    from huggingface_hub import CommitOperationAdd

    token = _token()
    total = len(shipment.files)
    with explained(destination, token):
        yield Progress(stage=STAGE, done=0, total=total, note=f"asking the Hub for {destination.repository}")
        api = _client(token)
        info, is_new = _opened(api, destination)
        found = _files_at(api, destination, info.sha)
        there = {name for name in shipment.files if _is_same(found.get(name), shipment, name)}
        sent = {name: size for name, (size, _) in shipment.files.items() if name not in there}
        commit = info.sha or ""
        if sent:
            additions = [CommitOperationAdd(name, shipment.folder / name) for name in sent]
            yield from _uploaded(api, destination, additions, len(there), total)
            commit = api.create_commit(
                destination.repository,
                additions,
                commit_message=destination.message or f"{shipment.rows} rows from Loresmith",
                repo_type="dataset",
                revision=destination.branch,
                parent_commit=info.sha,
            ).oid
            _require_arrived(shipment, _files_at(api, destination, commit), destination)
        yield Progress(stage=STAGE, done=total, total=total, note="done")
    return Pushed(
        repository=destination.repository,
        branch=destination.branch,
        url=f"{api.endpoint}/datasets/{destination.repository}",
        commit=commit,
        created=is_new,
        private=bool(info.private),
        license=shipment.license,
        rows=shipment.rows,
        sent=sent,
        already_there={name: size for name, (size, _) in shipment.files.items() if name in there},
        also_there=sorted(found.keys() - shipment.files.keys() - OF_THE_HUB),
        left_behind=dict(shipment.left_behind),
    )


def _token() -> str:
    from huggingface_hub import get_token

    token = get_token()
    if token is None:
        raise UserError(
            "There is no token for the Hub.",
            next_step="Run `hf auth login`, or set HF_TOKEN to a token that may write "
            "(https://huggingface.co/settings/tokens).",
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UserError(
            "The token for the Hub has characters that no token has.",
            next_step="Copy it again into HF_TOKEN, or run `hf auth login`.",
        )
    return token


def _client(token: str) -> "HfApi":
    """The Hub, after it has accepted the token."""
    from huggingface_hub import HfApi

    api = HfApi(token=token)  # at HF_ENDPOINT where that is set
    api.whoami()
    return api


def _opened(api: "HfApi", destination: Destination) -> tuple["DatasetInfo", bool]:
    """The branch of the repository, and whether the repository is new; both are made where they may be."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    name, branch, is_new = destination.repository, destination.branch, False
    try:
        info = api.dataset_info(name)
    except RepositoryNotFoundError as fault:
        if isinstance(fault, GatedRepoError) or not destination.create:
            raise
        api.create_repo(name, repo_type="dataset", private=destination.private or None)
        info, is_new = api.dataset_info(name), True
    if destination.private and not info.private:
        raise UserError(
            f"{name} is there already, and it is public: --private is for a repository that is made by this push.",
            next_step=f"Make it private at {api.endpoint}/datasets/{name}/settings, choose another name, "
            "or leave out --private.",
        )
    try:
        return api.dataset_info(name, revision=branch), is_new
    except RevisionNotFoundError:
        if not destination.create:
            raise
    api.create_branch(name, branch=branch, repo_type="dataset")
    return api.dataset_info(name, revision=branch), is_new


def _files_at(api: "HfApi", destination: Destination, commit: str | None) -> dict[str, "RepoFile"]:
    from huggingface_hub.hf_api import RepoFile

    listed = api.list_repo_tree(destination.repository, recursive=True, revision=commit, repo_type="dataset")
    return {entry.path: entry for entry in listed if isinstance(entry, RepoFile)}


def _is_same(there: "RepoFile | None", shipment: Shipment, name: str) -> bool:
    """Whether the repository's file has the bytes of ours: by sha256 where it is stored apart, as a git blob if not."""
    size, sha256 = shipment.files[name]
    if there is None or there.size != size:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == sha256
    return there.blob_id == _git_hash(shipment.folder / name)


def _git_hash(path: Path) -> str:
    content = path.read_bytes()  # small: the Hub stores files above 10 MB apart
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _uploaded(
    api: "HfApi", destination: Destination, additions: list["CommitOperationAdd"], done: int, total: int
) -> Iterator[Progress]:
    """Send the files that the Hub stores apart, batch by batch; the commit carries the small ones."""
    for batch in _batches(additions):
        size = sum(addition.upload_info.size for addition in batch) / 1e6
        rest = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
        yield Progress(stage=STAGE, done=done, total=total, note=f"{batch[0].path_in_repo}{rest}, {size:.1f} MB")
        api.preupload_lfs_files(
            destination.repository,
            batch,
            repo_type="dataset",
            revision=destination.branch,
            free_memory=False,
        )
        done += len(batch)
    yield Progress(stage=STAGE, done=done, total=total, note="committing")


def _batches(additions: list["CommitOperationAdd"]) -> Iterator[list["CommitOperationAdd"]]:
    batch: list[CommitOperationAdd] = []
    size = 0
    for addition in additions:
        if batch and (len(batch) == BATCH_FILES or size + addition.upload_info.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(addition)
        size += addition.upload_info.size
    yield batch


def _require_arrived(shipment: Shipment, found: Mapping[str, "RepoFile"], destination: Destination) -> None:
    """A `.gitignore` of the repository makes the Hub leave out files without a word."""
    lost = [name for name in shipment.files if not _is_same(found.get(name), shipment, name)]
    if lost:
        raise UserError(
            f"The Hub has taken the commit, but {destination.repository} lacks {', '.join(lost)}.",
            next_step="See whether the repository's .gitignore names them, then push again.",
        )
