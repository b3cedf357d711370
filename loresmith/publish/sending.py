"""A project's result to the Hub, from the question whether it may go to the check that it arrived."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from loresmith.errors import UserError
from loresmith.hub.destination import Destination
from loresmith.hub.parcel import Parcel
from loresmith.hub.push import Pushed, push
from loresmith.pipeline import Project
from loresmith.progress import Work
from loresmith.publish.base import base_of
from loresmith.publish.expert import open_expert
from loresmith.publish.fitness import require_fit
from loresmith.publish.packing import Wish, pack


@dataclass(frozen=True)
class Order:
    """Where what goes, and what is known about it beside the project."""

    wish: Wish
    destination: Destination
    base_id: str | None = None
    license_name: str | None = None
    overruled: tuple[str, ...] = ()
    """Flags of the objections that do not count."""


def result_of(repository: str) -> Order:
    """What `export.push_to_hub` asks for: the GGUF file, to a private repository."""
    destination = Destination(repository, "model", private=True, if_public="push by hand with --public")
    return Order(Wish("gguf", repository), destination)


def packed(project: Project, order: Order) -> Work[Parcel]:
    """The model's files and card, when nothing speaks against sending them.

    Raises:
        UserError: something does, or something is missing.
    """
    expert = open_expert(project)
    require_fit(expert, order.wish.what, overruled=order.overruled)
    base = base_of(expert, base_id=order.base_id, license_name=order.license_name)
    if not order.destination.private and not base.licence.is_known and order.wish.card_file is None:
        raise UserError(
            f"The licence of {base.name} is not known, so nobody may use what is made from it and published.",
            next_step="Name it with --license (apache-2.0, qwen-research, llama3.2, ... as the Hub spells it), or "
            "leave out --public.",
        )
    return (yield from pack(expert, base, order.wish))


def send(project: Project, order: Order) -> Work[Pushed]:
    """Pack and push.

    Raises:
        UserError: it may not go, or the Hub does not take it.
    """
    parcel = yield from packed(project, order)
    return (yield from push(parcel, order.destination))


def send_rows(project: Project, destination: Destination, license_name: str) -> Work[Pushed]:
    """Write the training rows and push them as a dataset; the folder is gone afterwards.

    Raises:
        UserError: there is no licence, or the Hub does not take it.
    """
    from loresmith.publish.dataset import dataset_parcel

    with TemporaryDirectory() as folder:
        parcel = dataset_parcel(project, Path(folder) / destination.repository.split("/")[1], license_name)
        return (yield from push(parcel, destination))
