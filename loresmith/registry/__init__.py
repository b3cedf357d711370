"""The registry: numbered versions of an expert that never change, and names that move between them.

Reads finished projects and writes a folder of its own, `registry/` in the project or a shared one:

    registry.sqlite    versions, hashes of their files, aliases, tags, the audit log; WAL, synchronous=FULL
    versions/7/        a project folder, whole and read-only, that every verb can read as any other
    versions/.coming-* a version being filled; versions/.gone-*: one being removed

A version exists once its row is committed, which comes after its folder has been renamed into place. Until then, and
after it was pruned, a folder is an orphan, which the next opening sweeps away while it holds the database's write lock.
Aliases move in the transaction that writes the audit row. So a process killed at any instant leaves the old state or
the new one, and several processes may work at once: they wait for each other's transactions, which take milliseconds,
and never for the filling of a folder.

Not covered: registries on network file systems (SQLite's WAL needs shared memory), rights of several people (whoever
may write the folder may promote), copies of the base model, which a version names by its hash.
"""

from loresmith.registry.book import Registry
from loresmith.registry.ledger import ALIASES, CANDIDATE, CHAMPION, PREVIOUS
from loresmith.registry.records import Entry, Event, Fault, Version

__all__ = ["ALIASES", "CANDIDATE", "CHAMPION", "PREVIOUS", "Entry", "Event", "Fault", "Registry", "Version"]
