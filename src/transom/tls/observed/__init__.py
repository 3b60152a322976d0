"""The observer's parts: what it learns of a handshake, how it comes by keys, and each direction of the stream."""
