"""Datasets in and out: the formats that other tools write and read, all mapped to one record, `Dialogue`.

Reads files and folders of rows, says what each column became and why a row was dropped, and writes what trainers and
examiners load. Nothing is fetched: a Hub dataset is read from a copy of its folder. Not covered: preference pairs,
images and audio, raw text without turns, per-message weights; they are counted and named, never guessed at.
"""
