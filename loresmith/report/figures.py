"""The report for programs: the same sections, and the examination's own figures, without pictures and costs."""

import json
from typing import Any

from loresmith.report.content import Picture, Report, Section
from loresmith.report.material import Material


def figures(report: Report, material: Material) -> str:
    """JSON with sorted keys; the same inputs give the same text on any machine."""
    whole = report.model_dump(mode="json", exclude={"sections", "technical"})
    whole["sections"] = [_section(section) for section in report.sections]
    whole["technical"] = [_section(section) for section in report.technical]
    whole["examination"] = material.exam.model_dump(mode="json") if material.exam else None
    whole["parity"] = material.parity
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _section(section: Section) -> dict[str, Any]:
    blocks = [
        block.model_dump(mode="json", exclude={"panels"} if isinstance(block, Picture) else None)
        for block in section.blocks
        if not getattr(block, "timed", False)
    ]
    return {"id": section.id, "title": section.title, "lead": section.lead, "blocks": blocks}
