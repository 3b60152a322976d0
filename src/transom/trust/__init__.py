"""Whom to believe: chains and names verified and told as data, pins, the roots, and the user's own CA."""
