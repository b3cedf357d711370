"""What a prompt shows without obeying it, and shapes of answers that allow no key but their own."""

import hashlib
from typing import Any


def fenced(material: str, basis: str | None = None) -> str:
    """`material` between two marks that nothing in it can close: they hold the hash of `basis`, or of itself."""
    mark = hashlib.sha256((basis or material).encode()).hexdigest()[:12]
    return f"[material {mark}]\n{material}\n[end of material {mark}]"


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of an object with these keys and no other."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
