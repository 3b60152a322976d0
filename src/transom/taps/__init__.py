"""Taps in the sockets and the ssl of a running Python: what crosses each TCP connection, and the keys of its TLS.

It stands in whatever Python a traced program runs in (3.9 or later), so it needs the standard library alone and imports
nothing else of this project. `installed.add` puts the taps in; whoever is told is an `events.Sink`.
"""
