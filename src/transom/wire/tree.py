"""The field tree: every field with its offset, length, name and value, made while a structure is parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One field. `offset` and `length` are bytes in the buffer that was parsed.

    `name` is the RFC's ("cipher_suites", "[3]" in a vector, "cipher_suites_length" for a length prefix). `value` is
    what was parsed: an int, a `CodePoint`, bytes, or None for a field that only has children. `rfc` is the section
    that declares it, given where a structure begins. `error` says why parsing stopped inside this field.
    """

    name: str
    offset: int
    length: int = 0
    value: object = None
    kind: str | None = None
    rfc: str | None = None
    error: str | None = None
    children: list[Node] = field(default_factory=list["Node"])

    def add(self, name: str, offset: int, end: int, value: object = None) -> Node:
        """A child that covers `offset` to `end`."""
        child = Node(name, offset, end - offset, value)
        self.children.append(child)
        return child

    def walk(self) -> Iterator[Node]:
        """This node and all beneath it, in the order of the bytes."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, name: str) -> Node | None:
        """The first node of that name, here or beneath."""
        return next((node for node in self.walk() if node.name == name), None)

    def shifted(self, by: int) -> Node:
        """The same tree with every offset moved: from a message's own bytes to a larger buffer's."""
        moved = [child.shifted(by) for child in self.children]
        return Node(self.name, self.offset + by, self.length, self.value, self.kind, self.rfc, self.error, moved)
