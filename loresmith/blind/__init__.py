"""Two arms' answers to the same exam questions, judged by people who do not know whose is whose.

A contest lies in `blind/NAME/` of a project: `pairs.json` (drawn once, then fixed) and `votes.jsonl` (one line a vote,
on the disk before it counts). Which answer stands left is decided for each question and rater by lot. Not covered:
raters paid or checked by hidden tests; more than two arms at once.
"""
