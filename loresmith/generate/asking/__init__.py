"""Teachers that are language models: what they are asked, how their answers are read, kept and paid for.

One call asks about one chunk and brings its facts with all their wordings. What comes back goes through the same checks
as the rule teacher's work. Not covered: batch interfaces with a day's delay, streaming, pictures.
"""
