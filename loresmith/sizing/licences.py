"""What a model's licence allows, in one sentence, and open models of about its size. No legal advice.

Read from the front matter of a model card; Hub ids that are known keep theirs in `known`.
"""

import math
import re
from pathlib import Path

from loresmith.sizing import known, shape

CARDS = ("README.md", "MODEL_CARD.md")
_FIELD = re.compile(r"^(license|licence|license_name):\s*['\"]?([^'\"\n#]+?)['\"]?\s*$", re.MULTILINE)
OPEN = ("apache-2.0", "mit", "bsd-3-clause", "bsd-2-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0")
SAID = {
    "cc-by-sa-4.0": "open, also for commercial use; name the authors, and pass changes on under the same terms",
    "cc-by-4.0": "open, also for commercial use; name the authors",
    "qwen-research": "for research and evaluation, not for commercial use",
    "llama3.1": "Llama community licence: commercial use up to 700 million monthly users, under its use policy; what "
    "is made of it must be named Llama and carry its notice",
}
SAID["llama3.2"] = SAID["llama3.1"]


def from_card(folder: Path) -> str | None:
    """The licence that the front matter of the model card in `folder` names; `license_name` before `other`."""
    for name in CARDS:
        card = folder / name
        if not card.is_file():
            continue
        text = card.read_text(encoding="utf-8", errors="replace")
        front = text.split("---", 2)[1] if text.startswith("---") and text.count("---") > 1 else ""
        fields = dict(_FIELD.findall(front))
        stated = fields.get("license") or fields.get("licence")
        if stated == "other":
            return fields.get("license_name", stated)
        return stated
    return None


def meaning(licence: str | None) -> str:
    """What `licence` allows, as far as it is known here."""
    if licence is None:
        return "not stated; look it up before you ship"
    unknown = "open, also for commercial use" if licence in OPEN else "read its terms before you ship"
    return f"{licence}: {SAID.get(licence, unknown)}"


def alternatives(licence: str | None, parameters: int, most: int = 4) -> list[str]:
    """Known Apache-2.0 models nearest in size by ratio, when `licence` is not open; the nearest first."""
    if licence is None or licence in OPEN:
        return []
    sizes = {
        name: shape.read(config).parameters for name, (config, stated) in known.SHAPES.items() if stated == known.OPEN
    }
    return sorted(sizes, key=lambda name: abs(math.log(sizes[name] / parameters)))[:most]
