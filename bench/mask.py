"""What masking costs: processor time a MiB to save what a server said, for bodies of several kinds.

    python bench/mask.py [MIB]

`PYTHONPATH=…/src` measures another state of the sources, which the ratio is made with.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from transom.web.model.mask import Masking
from transom.web.model.masked import Masked
from transom.wire.tap import Side

ROOT = Path(__file__).parents[1]
MIB = 1024 * 1024
PIECE = 64 * 1024


def main() -> None:
    mib = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    for name, kind, body in bodies(mib * MIB):
        begin = time.process_time()
        save(kind, body)
        print(f"{name:42}{(time.process_time() - begin) / mib:7.3f} s a MiB", flush=True)


def bodies(length: int) -> Iterator[tuple[str, str, bytes]]:
    """Each with its media type. The same from run to run, as far as the sources are."""
    chance = Random(0)
    scripts = b"".join(path.read_bytes() for path in sorted((ROOT / "src/transom/web/static").glob("*.js")))
    rows = [
        {"id": row, "mail": f"a{row}@example.org", "token": f"{chance.getrandbits(128):032x}", "tags": ["a", "b"]}
        for row in range(length // 100)
    ]
    yield "random bytes", "application/octet-stream", chance.randbytes(length)
    yield "prose about keys (the manual)", "text/plain", times((ROOT / "docs/manual.md").read_bytes(), length)
    yield "JavaScript (the page's)", "text/javascript", times(scripts, length)
    yield "JSON with a token in 100 bytes", "application/json", json.dumps(rows).encode()[:length]
    yield (
        "a form with no name in it",
        "application/x-www-form-urlencoded",
        bytes(chance.choices(range(65, 91), k=length)),
    )


def times(text: bytes, length: int) -> bytes:
    return (text * (length // len(text) + 1))[:length]


def save(kind: str, body: bytes) -> None:
    """As the live page saves it: in parts, as it is heard."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    masked = Masked(Masking(), Side.SERVER, {}, bytearray().extend)
    masked.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    masked.receive(Side.SERVER, head.encode())
    for at in range(0, len(body), PIECE):
        masked.receive(Side.SERVER, body[at : at + PIECE])
    masked.end()


if __name__ == "__main__":
    main()
