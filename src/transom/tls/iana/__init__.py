"""The IANA registries of TLS, names letter for letter: what the numbers on the wire are called."""
