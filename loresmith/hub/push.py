"""A parcel into a repository of the Hugging Face Hub, in one commit.

The token is the one in HF_TOKEN or that of `hf auth login`; it is never taken from elsewhere and never shown. Nothing
is deleted: files of the repository that the parcel does not have are named. What the repository has with the same
hash is not sent again, and large files that arrived before an interruption are not either.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loresmith.errors import UserError
from loresmith.hub.destination import Destination
from loresmith.hub.parcel import Item, Parcel
from loresmith.hub.refusals import explained
from loresmith.progress import Work
from loresmith.records import Progress, Record

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo, RepoFile

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
    sent: dict[str, int]
    """File to bytes."""
    already_there: dict[str, int]
    """Files that the repository had with the same hash."""
    also_there: list[str]
    """Files of the repository that are not of this push."""
    left_behind: dict[str, str]
    """Files that were not sent, with the reason."""


def push(parcel: Parcel, destination: Destination) -> Work[Pushed]:
    """Leave the files of `parcel` in the repository, and check that they arrived.

    Raises:
        UserError: no token, one that the Hub does not accept or that may not write there, no repository or branch and
            none to be made, a public one where a private one is asked for, another commit in between, no network.
    """
    from huggingface_hub import CommitOperationAdd

    token = require_token()
    total = len(parcel.files)
    with explained(destination, token):
        yield Progress(stage=STAGE, done=0, total=total, note=f"asking the Hub for {destination.repository}")
        api = _client(token)
        info, is_new = _opened(api, destination)
        found = _files_at(api, destination, info.sha)
        there = {name for name, item in parcel.files.items() if _is_same(found.get(name), item)}
        sent = {name: item for name, item in parcel.files.items() if name not in there}
        commit = info.sha or ""
        if sent:
            additions = [CommitOperationAdd(name, item.source) for name, item in sent.items()]
            yield from _uploaded(api, destination, additions, len(there), total)
            commit = api.create_commit(
                destination.repository,
                additions,
                commit_message=destination.message or parcel.message,
                repo_type=destination.kind,
                revision=destination.branch,
                parent_commit=info.sha,
            ).oid
            _require_arrived(parcel, _files_at(api, destination, commit), destination)
        yield Progress(stage=STAGE, done=total, total=total, note="done")
    return Pushed(
        repository=destination.repository,
        branch=destination.branch,
        url=f"{api.endpoint}/{'datasets/' if destination.kind == 'dataset' else ''}{destination.repository}",
        commit=commit,
        created=is_new,
        private=bool(info.private),
        license=parcel.license,
        sent={name: item.size for name, item in sent.items()},
        already_there={name: item.size for name, item in parcel.files.items() if name in there},
        also_there=sorted(found.keys() - parcel.files.keys() - OF_THE_HUB),
        left_behind=dict(parcel.left_behind),
    )


def require_token() -> str:
    """The token that the Hub's own tools would use.

    Raises:
        UserError: there is none, or it can be none.
    """
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


def _opened(api: "HfApi", destination: Destination) -> tuple["DatasetInfo | ModelInfo", bool]:
    """The branch of the repository, and whether the repository is new; both are made where they may be."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    name, kind, is_new = destination.repository, destination.kind, False
    try:
        info = _info(api, destination)
    except RepositoryNotFoundError as fault:
        if isinstance(fault, GatedRepoError) or not destination.create:
            raise
        api.create_repo(name, repo_type=kind, private=destination.private or None)
        info, is_new = _info(api, destination), True
    if destination.private and not info.private:
        place = f"{'datasets/' if kind == 'dataset' else ''}{name}"
        raise UserError(
            f"{name} is there already, and it is public: only a repository that is made by this push becomes private.",
            next_step=f"Make it private at {api.endpoint}/{place}/settings, choose another name, "
            f"or {destination.if_public}.",
        )
    try:
        return _info(api, destination, destination.branch), is_new
    except RevisionNotFoundError:
        if not destination.create:
            raise
    api.create_branch(name, branch=destination.branch, repo_type=kind)
    return _info(api, destination, destination.branch), is_new


def _info(api: "HfApi", destination: Destination, revision: str | None = None) -> "DatasetInfo | ModelInfo":
    if destination.kind == "dataset":
        return api.dataset_info(destination.repository, revision=revision)
    return api.model_info(destination.repository, revision=revision)


def _files_at(api: "HfApi", destination: Destination, commit: str | None) -> dict[str, "RepoFile"]:
    from huggingface_hub.hf_api import RepoFile

    listed = api.list_repo_tree(destination.repository, recursive=True, revision=commit, repo_type=destination.kind)
    return {entry.path: entry for entry in listed if isinstance(entry, RepoFile)}


def _is_same(there: "RepoFile | None", item: Item) -> bool:
    """Whether the repository's file has the bytes of ours: by sha256 where it is stored apart, as a git blob if not."""
    if there is None or there.size != item.size:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == item.sha256
    return there.blob_id == _git_hash(item.read())  # small: the Hub stores files above 10 MB apart


def _git_hash(content: bytes) -> str:
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
            repo_type=destination.kind,
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


def _require_arrived(parcel: Parcel, found: Mapping[str, "RepoFile"], destination: Destination) -> None:
    """A `.gitignore` of the repository makes the Hub leave out files without a word."""
    lost = [name for name, item in parcel.files.items() if not _is_same(found.get(name), item)]
    if lost:
        raise UserError(
            f"The Hub has taken the commit, but {destination.repository} lacks {', '.join(lost)}.",
            next_step="See whether the repository's .gitignore names them, then push again.",
        )
