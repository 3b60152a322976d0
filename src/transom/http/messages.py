"""Requests and responses as values: what a head says, apart from the bytes that framed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transom.value import value

Text = str | bytes


class Headers:
    """An immutable, ordered, case-insensitive multi-map of header fields (RFC 9110 §5).

    Field names and values are kept as bytes. As text they are read as latin-1, which every byte sequence is, so that
    no header of a peer can fail to be shown.
    """

    __slots__ = ("raw",)

    raw: tuple[tuple[bytes, bytes], ...]
    """Name and value of each field line, in order, names in the case they were sent in."""

    def __init__(self, fields: Iterable[tuple[Text, Text]] = ()) -> None:
        self.raw = tuple((_as_bytes(name), _as_bytes(value)) for name, value in fields)

    def get(self, name: str) -> str | None:
        """The value of `name`, several lines joined by ", " (RFC 9110 §5.3), or None."""
        values = self.get_all(name)
        return ", ".join(values) if values else None

    def get_all(self, name: str) -> tuple[str, ...]:
        """The value of each line named `name`, in order."""
        wanted = name.lower().encode("latin-1")
        return tuple(value.decode("latin-1") for key, value in self.raw if key.lower() == wanted)

    def members(self, name: str) -> tuple[str, ...]:
        """The members of a comma-separated list field of tokens, in lower case (`Connection`, `Transfer-Encoding`).

        Not for fields with quoted strings in them: a comma inside quotes would split them.
        """
        members = (member.strip().lower() for member in (self.get(name) or "").split(","))
        return tuple(member for member in members if member)

    def replaced(self, name: str, value: Text) -> Headers:
        """The same fields with one line `name`, at the end, instead of whatever lines of that name there were."""
        return Headers((*self.without(name).raw, (name, value)))

    def without(self, name: str) -> Headers:
        """The same fields but for those named `name`."""
        unwanted = name.lower().encode("latin-1")
        return Headers(line for line in self.raw if line[0].lower() != unwanted)

    def __contains__(self, name: str) -> bool:
        return bool(self.get_all(name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Headers({list(self)!r})"


NO_HEADERS = Headers()


@value
class Request:
    """A request head. `target` is the request-target as it stands on the wire, percent-encoding and all.

    `authority` is what HTTP/2 says apart from the fields (`:authority`); None where it does not, and in HTTP/1.
    """

    method: str
    target: str
    headers: Headers = NO_HEADERS
    version: str = "1.1"
    authority: str | None = None


@value
class Response:
    """A response head; `reason` is latin-1 text and may be empty."""

    status: int
    headers: Headers = NO_HEADERS
    reason: str = ""
    version: str = "1.1"


def _as_bytes(text: Text) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else bytes(text)
