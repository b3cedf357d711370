"""The documents of an expert: the list, each one with a passage marked, its original, uploads and their removal.

Reads the project's `documents/`, `questions/` and `index/`; uploads go through `pipeline.additions`. Everything from a
document is shown as text, or as Markdown without HTML, links and pictures. Not covered: editing what was understood.
"""
