"""A quiz: verified questions from the bank, or written on demand; asked, graded, reviewed, repeated and exported.

Reads `questions/` (rows: Question) and `chunks/` (rows: Chunk, for the source passage). `book` keeps the replies of a
project in `quiz/replies.jsonl`, from which weak topics and the day of the next repetition come. Pages and terminals are
elsewhere; the rules are here.

Not covered: free-text answers (the tutor grades those).
"""
