"""A quiz from the verified questions: chosen, asked, graded and reviewed without a model.

Reads `questions/` (rows: Question) and `chunks/` (rows: Chunk, for the source passage). Writes nothing; results are
records that whoever shows the quiz may keep. Pages and terminals are elsewhere; the rules are here.

Not covered: questions written on demand, repetition over days, free-text answers.
"""
