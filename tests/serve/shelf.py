"""A small real project: two documents read, cut, questioned, split and indexed by the stages themselves."""

from pathlib import Path

from loresmith.pipeline import Project, run
from loresmith.progress import finish
from loresmith.recipe import Recipe, SplitConfig, parse

PUMPS = """# The pump room

## Valves

The relief valve opens at 4 bar. The check valve is a valve that lets water pass in one direction only.
The drain valve is a valve that empties the tank by hand. The gate valve was introduced by Ada Moor in March 1931.
A ball valve is a valve that closes with a quarter turn.

## Pumps

| Pump | Power (kW) | Flow (l/min) | Weight (kg) |
|---|---|---|---|
| Heron | 11 | 240 | 61 |
| Plover | 15 | 310 | 74 |
| Curlew | 22 | 460 | 98 |
| Avocet | 30 | 655 | 127 |
| Dunlin | 37 | 720 | 141 |

The Heron pump runs at 1,450 revolutions per minute. The Curlew pump weighs 98 kg.
Cavitation is the formation of vapour bubbles in a liquid at low pressure.
"""

BOILERS = """# The boiler house

The boiler holds 900 litres of water. The burner is a device that mixes gas and air before it burns them.
An economiser is a heat exchanger that warms feed water with flue gas. <script>alert("boiler")</script>

| Boiler | Output (kW) | Pressure (bar) | Year |
|---|---|---|---|
| Etna | 350 | 6 | 1998 |
| Hekla | 420 | 8 | 2004 |
| Katla | 560 | 10 | 2011 |
| Askja | 700 | 12 | 2017 |

Scale is a deposit that forms on hot metal where water is hard. The chimney is 31 metres high.
"""


def build_project(folder: Path) -> Project:
    """The project in `folder`, everything made up to its index."""
    documents = folder / "documents-in"
    documents.mkdir(parents=True)
    (documents / "pumps.md").write_text(PUMPS, encoding="utf-8")
    (documents / "boilers.md").write_text(BOILERS, encoding="utf-8")
    recipe = Recipe(name="plant", documents=(str(documents),), split=parse(SplitConfig, {"held_out": 0.0}))
    project = Project(folder / "plant", recipe)
    project.save()
    finish(run(project, until="index"))
    return project
