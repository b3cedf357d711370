"""The finished expert on a web page and behind an OpenAI-compatible API: one process, one machine.

Reads a project folder, or a file that lists several; writes nothing but the decisions of a review, votes, feedback, and
the documents that are uploaded, with the index over them. Not covered: accounts of several people, encryption on the
wire. Put a reverse proxy that brings TLS before it where strangers can reach it.
"""
