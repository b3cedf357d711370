"""Loresmith turns documents into a small language model and proves by examination what it learned."""

__version__ = "0.1.0"

__all__ = ["__version__"]
