"""The layout layer for PDF: characters and strokes in, blocks in reading order out (`reading.layout_of`)."""
