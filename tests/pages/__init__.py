"""Pages of `docs` that are written by a program: `tools/docs` writes them, `tests/house` holds them to it.

The glossary is made of the catalogue's entries. The page that answers the Korean study note is made of a template and
of what our commands print in one real run.
"""
