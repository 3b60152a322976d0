"""The record layer (RFC 8446 §5, RFC 5246 §6): the stream cut into records, and their protection.

    wire bytes ─► Deframer ─► Run of whole records ─► Opener ─► Opened: content type and plaintext
    wire bytes ◄───────────────────────────────────── Sealer ◄─ content type and plaintext

Each direction has one `Opener` or `Sealer` at a time: a plain one at first, then one for each set of keys. All of them
work on a run of records in one call and into a buffer that the caller gave, for a transfer is millions of records.
"""
