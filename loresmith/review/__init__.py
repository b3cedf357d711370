"""The review of questions: each row beside its source, and a verdict of a person that survives regeneration.

Reads `questions/`, `chunks/` and `documents/`; adds lines to `review.jsonl` of the project, which the stage `generate`
applies when it runs next. Not covered: rows that failed a check before anybody saw them; several reviewers told apart.
"""
