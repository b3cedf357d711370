"""What keeps an expert current. So far: when a scheduled round is due, and how people are told.

Not covered yet: the rounds themselves, triggers by new documents or by a fall in accuracy, and the verb.
"""
