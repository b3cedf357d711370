"""A tutor over the finished expert: explains, asks back, hints before it answers, and checks what was understood.

Reads the bank of verified questions and searches the index; writes nothing. What it asks, and every hint, comes from a
verified question and the sentence behind it, so that a weak model cannot mislead; the explanation is the expert's
answer with its citations. The rules are pure: `lesson.step` moves a `state.State` by what the learner said, and a
conversation is taken up again by going through what the learner said so far.

Not covered: free answers that only a judge could grade, and what a learner knew before the conversation.
"""
