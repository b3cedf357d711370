"""Pages, and the code that generates the reference."""
