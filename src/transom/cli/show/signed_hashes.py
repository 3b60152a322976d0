"""Below a chain: for each certificate the hash one computes and the hash its issuer signed, one above the other."""

from __future__ import annotations

from itertools import pairwise

from transom.cli.show.terminal import FAILS, HOLDS, Ink, Inked, Terminal
from transom.cli.words import Words
from transom.trust.signature import signed_hash
from transom.trust.verdict import Verdict
from transom.wire.escape import escape


def write_signed_hashes(terminal: Terminal, verdict: Verdict, words: Words, indent: int) -> None:
    """Nothing is said of a signature that no hash can be had from: any but RSA's with PKCS #1 v1.5 padding."""
    for step, above in pairwise(verdict.steps):
        hashes = signed_hash(step.der, above.der)
        if hashes is None:
            continue
        text = words.say("chain.hashes", subject=escape(step.subject), algorithm=hashes.algorithm)
        terminal.paragraph(text, indent)
        terminal.entry(hashes.computed.hex(), indent)
        if hashes.signed == hashes.computed:
            terminal.entry(f"{hashes.computed.hex()} {HOLDS}", indent)
        else:
            signed = hashes.signed.hex() if hashes.signed else words.say("chain.no_hash")
            terminal.entry(Inked(f"{signed} {FAILS}", Ink.PROBLEM), indent)
