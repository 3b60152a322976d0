"""The messages of TLS 1.2 and 1.3: a declaration each, framing, and which one a type means now."""
