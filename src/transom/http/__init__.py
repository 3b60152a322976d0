"""HTTP: messages and exchanges over any channel, for the client, the server and the observer.

Nothing here opens a socket or reads a clock. `head` finds a message's head and lets h11 judge it, `framing` decides how
its body ends (RFC 9112 §6.3), `body` reads it; `h1_client`, `h1_server` and `observed` are three roles over these.
"""
