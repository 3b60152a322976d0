"""The record layer (RFC 8446 §5, RFC 5246 §6): the stream cut into records, and their protection.

`deframer` finds the records in a stream of bytes, `plain`, `protection13` and `protection12` open and seal them. Each
way of a connection has one `Opener` or `Sealer` at a time; new keys are a new one.
"""
