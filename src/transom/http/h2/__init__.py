"""HTTP/2 (RFC 9113): its frames, its header fields (HPACK, RFC 7541), and its exchanges as an observer sees them.

`frames` declares, `framer` cuts the stream, `fields` undoes HPACK with every field's place, `heads` makes a request or
a response of a list of fields, `resync` finds a frame again behind a hole; `observed` is the role over these.
"""
