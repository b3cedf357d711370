"""Watching without end: a look when documents have settled, when the hook was called, and once a minute."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from loresmith.errors import FolderInUse, UserError
from loresmith.progress import Work
from loresmith.watch import hook
from loresmith.watch.records import Reason
from loresmith.watch.round import Bench
from loresmith.watch.settling import Settling, pause, sight
from loresmith.watch.timer import LOOK_SECONDS
from loresmith.watch.watching import Look, look

PAUSE_SECONDS = 2.0

Follow = Callable[[Work[Look]], Look]


def keep_watch(bench: Bench, follow: Follow, told: Callable[[Look], None], over: threading.Event) -> None:
    """Look again and again until it is `over`; `follow` does the work of a look, `told` hears what it led to.

    The caller holds the registry's round lock.

    Raises:
        UserError: the recipe opens a hook, and there is no key.
        MachineError: the hook's port is taken.
    """
    called, roots = threading.Event(), bench.project.recipe.documents
    settling = Settling(bench.config.settle_seconds, time.monotonic)
    next_look = 0.0
    with ExitStack() as open_door:
        if bench.config.hook_port is not None:
            open_door.enter_context(hook.listening(bench.config.hook_port, key(), called.set))
        while not over.is_set():
            asked = Reason(kind="hook", words="another program asked") if called.is_set() else None
            has_settled = bench.config.new_documents and settling.has_settled(sight(roots))
            if asked is not None or has_settled or time.monotonic() >= next_look:
                called.clear()
                next_look = time.monotonic() + LOOK_SECONDS
                try:
                    told(follow(look(bench, asked)))
                except FolderInUse:  # somebody works in the project by hand: look again later
                    if asked is not None:
                        called.set()
            pause(roots, PAUSE_SECONDS, over)


def key() -> str:
    """The hook's key.

    Raises:
        UserError: there is none, or it can be guessed.
    """
    found = os.environ.get(hook.KEY_VARIABLE, "")
    if len(found) < hook.FEWEST_LETTERS:
        raise UserError(
            f"The recipe opens a hook, and {hook.KEY_VARIABLE} holds no key of at least {hook.FEWEST_LETTERS} letters.",
            next_step='Make one: `python -c "import secrets; print(secrets.token_hex(16))"`.',
        )
    return found
