"""Two sets of results side by side: what got better, what got worse, and whether a new version may replace the old.

Reads results of this project (an exam's artifact), of lm-evaluation-harness, of ragas, and plain rows of marks. Nothing
is asked again. Not covered: judging whether a benchmark is worth anything; results without questions or counts.
"""
