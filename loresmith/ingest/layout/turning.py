"""Page coordinates as a person sees them: turned by the page's `/Rotate`, with y growing downwards."""

import math
from dataclasses import dataclass

from loresmith.ingest.layout.page import Box


@dataclass(frozen=True, slots=True)
class Turn:
    """How the drawing space of a page lies on the page that is shown."""

    degrees: int
    """Clockwise: 0, 90, 180 or 270."""
    width: float
    """Of the page as shown."""
    height: float
    left: float = 0.0
    """Where the shown part of the drawing space begins."""
    bottom: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The place of (x, y), which is in the drawing space, whose y grows upwards."""
        x, y = x - self.left, y - self.bottom
        if self.degrees == 90:
            return y, x
        if self.degrees == 180:
            return self.width - x, y
        if self.degrees == 270:
            return self.width - y, self.height - x
        return x, self.height - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The rectangle as it is shown."""
        if not self.degrees and left <= right and bottom <= top:  # nearly every character of nearly every page
            x, y = self.left, self.bottom
            return Box(left - x, self.height - (top - y), right - x, self.height - (bottom - y))
        (x0, y0), (x1, y1) = self.point(left, bottom), self.point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def is_level(self, angle: float) -> bool:
        """Whether text at `angle` (radians, in the drawing space) reads from left to right on the page shown."""
        shown = (angle + math.radians(self.degrees)) % (2 * math.pi)
        return not 0.2 <= shown <= 2 * math.pi - 0.2
