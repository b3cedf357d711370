"""Find the passages that answer a question, put them into a prompt, and bind an answer back to them.

An instrument: the `index` stage writes with it, the exam's retrieval arms, `answer` and `serve` read with it. Dense
vectors and SQLite full-text search are fused by rank or by score; every passage says why it was found.

Not covered: languages that are written without spaces (the lexical half finds only whole runs of such text), and
collections of millions of passages, where exact comparison is too slow.
"""
