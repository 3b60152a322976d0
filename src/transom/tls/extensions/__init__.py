"""Hello extensions: a file each, and one table of which may stand where."""
