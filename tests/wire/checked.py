"""What holds of every field tree."""

from __future__ import annotations

from transom.wire.tree import Node


def assert_tree_covers(tree: Node, length: int) -> None:
    """The leaves lie side by side from the first byte to the last, and each parent covers its children exactly."""
    position = 0
    for node in tree.walk():
        if node.children:
            assert node.children[0].offset >= node.offset, node.name
            assert node.children[-1].offset + node.children[-1].length <= node.offset + node.length, node.name
        else:
            assert node.offset == position, f"{node.name} at {node.offset}, where {position} is next"
            position += node.length
    assert position == length
