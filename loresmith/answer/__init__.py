"""Ask the finished expert: retrieved sources, a short answer from them, citations that were checked.

Reads an index, and speaks through any open model; without one, the passages that fit best are the answer. Writes
nothing. `loresmith.answer.expert.Expert` is the door.

Not covered: memory of earlier questions, several experts at once, sampling (answers are greedy and repeat exactly).
"""
