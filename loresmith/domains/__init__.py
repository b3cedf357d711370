"""Domain sets: questions on biology, history or computer security out of the sources that are known for them.

Every source goes through a converter of its own into `DomainQuestion`, loses its duplicates, is mixed by weight, worded
and ordered, and leaves through the targets of `loresmith.exchange`. Only training splits are read. Not covered: the
truth of what a source says, and paraphrases of one question in two sources.
"""
