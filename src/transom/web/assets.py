"""The page's own files: what a browser is given, and what a report has inside."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from transom.value import value

TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}


@value
class Asset:
    """One file of the page."""

    name: str
    data: bytes

    @property
    def type(self) -> str:
        """Its Content-Type."""
        return TYPES[self.name.rpartition(".")[2]]

    @property
    def text(self) -> str:
        return self.data.decode()


@cache
def assets() -> dict[str, Asset]:
    """All of them, by name."""
    folder = files("transom.web") / "static"
    found = sorted((file.name, file.read_bytes()) for file in folder.iterdir() if file.name.rpartition(".")[2] in TYPES)
    return {name: Asset(name, data) for name, data in found}
