from pathlib import Path

import pytest

from loresmith.progress import finish
from loresmith.recipe.experts import load_roster
from loresmith.router import training
from tests.router.roster import write_roster


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of two experts, and the router that was trained for them beside it; leave them as they are."""
    path = write_roster(tmp_path_factory.mktemp("town"))
    finish(training.run(training.teaching(load_roster(path), path.parent)))
    return path
