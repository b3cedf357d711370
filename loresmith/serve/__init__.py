"""The finished expert on a web page and behind an OpenAI-compatible API: one process, one machine.

Reads a project folder; writes nothing but the decisions of a review, votes, feedback, and the documents that are
uploaded, with the index over them. Not covered: accounts of several people, several experts behind one address,
encryption on the wire. Put a reverse proxy that brings TLS before it where strangers can reach it.
"""
