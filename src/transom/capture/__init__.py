"""Captures: packets in a file, read as conversations and written as traces.

The way of a packet: `reader` (`pcap`, `pcapng`) finds it in the file, `links`, `ip` and `packets` take its headers
apart, all of a window at once, `connections` tells which conversation it belongs to, and `stream` puts each side's
bytes in order for a tap (`tcp`). `rows` is the packet list. `write` goes the other way, from a tap to a file.
"""
