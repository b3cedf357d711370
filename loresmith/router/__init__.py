"""Which of several experts a question is for, with an honest word where it is for none.

Reads the splits of the experts' projects, writes `router/` beside the file that lists them. `decision.open_router` is
the door for those who ask, `training.run` for those who train, `measuring.measured` for those who examine.

Not covered: questions that need two experts at once; other languages than the embedder's.
"""
