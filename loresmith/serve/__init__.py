"""The finished expert on a web page and behind an OpenAI-compatible API: one process, one machine.

Reads a project folder, or a file that lists several; writes nothing but feedback and the decisions of a review. Not
covered: accounts of several people, uploads, encryption on the wire. Put a reverse proxy that brings TLS before it
where strangers can reach it.
"""
