"""Experts brought and taken away while questions are answered, by what the roster's file says now.

What is new is opened beside what answers; then adapters, experts and router change together between two answers, after
the questions that wait already. Nothing changes where anything of the new file cannot be opened. No request names a
folder: what can be loaded is decided by who may write the file.

Not covered: another base model, which takes a new start.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request

from loresmith.errors import UserError
from loresmith.recipe.experts import Roster, load_roster
from loresmith.serve.access import NAMELESS, Access, bearer, client_name
from loresmith.serve.desk import Desk
from loresmith.serve.faults import Refused
from loresmith.serve.roster import Member, OpenRoster, index_content, open_member
from loresmith.serve.roster_opening import adapters, require_one_base, trained_router


@dataclass(frozen=True)
class Change:
    """What a reload did, by the names of the experts."""

    loaded: tuple[str, ...]
    unloaded: tuple[str, ...]
    kept: tuple[str, ...]
    has_router: bool

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "loaded": list(self.loaded), "unloaded": list(self.unloaded), "kept": list(self.kept),
            "router": self.has_router,
        }  # fmt: skip


class Reloader:
    """Follows the file `path` when told to."""

    def __init__(self, opened: OpenRoster, desk: Desk, path: Path) -> None:
        self._opened, self._desk, self._path = opened, desk, path
        self._one_at_a_time = Lock()

    def reload(self) -> Change:
        """Have exactly the experts of the file; blocks until they are in place. Not to be called in the event loop.

        One whose index was made anew counts as loaded; a new adapter is taken up in either case.

        Raises:
            UserError: the file or something that it names cannot be used, and nothing has changed.
        """
        with self._one_at_a_time:
            roster = load_roster(self._path)
            if roster.base != self._opened.roster.base:
                raise UserError("The file names another base model.", next_step="Start `loresmith serve` again.")
            return self._changed(roster)

    def _changed(self, roster: Roster) -> Change:
        opened = self._opened
        voices = opened.voices
        if voices is not None:
            require_one_base(roster, like=next(iter(opened.members.values())).project.recipe.model)
        with ExitStack() as undo:
            members, fresh = {}, []
            for entry in roster.experts:
                there = opened.members.get(entry.name)
                if there is not None and _is_as_it_was(there, entry.project):
                    members[entry.name] = replace(there, entry=entry)
                    continue
                members[entry.name] = open_member(entry, voices)
                undo.callback(members[entry.name].expert.close)
                fresh.append(entry.name)
            router = trained_router(roster, self._path.parent, opened)
            switch = None if voices is None else voices.prepare(adapters(roster))
            before = opened.members
            gone = [name for name in before if name not in members]

            def put() -> None:
                if switch is not None:
                    switch()
                opened.put(roster, members, router)

            opened.leaving = frozenset(gone)
            try:
                self._desk.between(put)
            finally:
                opened.leaving = frozenset()
            undo.pop_all()
        self._close([member for name, member in before.items() if name in gone or name in fresh])
        changed = [name for name in members if name in fresh]
        return Change(tuple(changed), tuple(gone), tuple(n for n in members if n not in fresh), router is not None)

    def _close(self, left: list[Member]) -> None:
        def close() -> None:
            for member in left:
                member.expert.close()

        self._desk.between_searches(close)  # a search that waits was meant for the old index


def reload_routes(reloader: Reloader, opened: OpenRoster, access: Access) -> APIRouter:
    """`GET /experts` and `POST /experts/reload`."""
    routes = APIRouter()

    @routes.get("/experts")
    async def experts() -> dict[str, Any]:
        rows: Mapping[str, Any] = {
            name: {"description": member.entry.description, "passages": member.expert.passages()}
            for name, member in tuple(opened.members.items())
        }
        return {"experts": rows, "router": opened.router is not None}

    @routes.post("/experts/reload")
    def reload(request: Request) -> dict[str, Any]:
        if access.api_key is None:
            message = "Experts are reloaded with the API key alone, and none is set; send SIGHUP to the process."
            raise Refused(message, status=403, code="no_api_key")
        if not bearer(request.headers) or client_name(request.scope) != NAMELESS:
            message = "Experts are reloaded with the server's own API key, as a bearer token."
            raise Refused(message, status=403, code="not_allowed")
        return reloader.reload().row()

    return routes


def _is_as_it_was(member: Member, project: str) -> bool:
    return str(member.project.path) == project and member.index == index_content(Path(project))
