"""Whether rows that are to be trained on stand in a benchmark: equal, with a run of words in common, or nearly equal.

`benchmark_files` finds and reads benchmarks, `items` knows their columns, `index` holds what they say, `screening` asks
it about rows, `cleaning` writes a dataset without what was found.

Not covered: leaks in other words (a paraphrase, a translation), pictures, and what the base model saw in its own
training. What a benchmark calls its parts is known for the common ones alone; an unknown one is an error, not a pass.
"""
