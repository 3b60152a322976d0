"""A program of somebody else's, run so that its real TLS is seen: it keeps its own ends, and we stand on the path."""
