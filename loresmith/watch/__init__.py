"""What keeps an expert current. So far: when a scheduled round is due.

Not covered yet: the rounds themselves, triggers by new documents or by a fall in accuracy, and the verb.
"""
