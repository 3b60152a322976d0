"""The page: a capture one can look through, served on loopback or written as one file."""
