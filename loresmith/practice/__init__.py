"""Further training rows about facts that the recall exam showed to be unlearned, and none that an exam asks.

Reads `split/`, `questions/` and `chunks/` of a project and the failures of one arm; writes one file of conversations
for `train.mix`. Only facts that are trained already are practised. Not covered: facts of the transfer exam, which
training must never see; questions without an answer, which are taught by other ones.
"""
