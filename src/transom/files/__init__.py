"""Files at the two ends of a transfer: a source that is served from, a sink that is saved to.

`source` opens what a request names beneath the shared folder and never anything else; `sink` makes a download appear
whole or not at all; `names` says what it is called; `digest` holds checksums.
"""
