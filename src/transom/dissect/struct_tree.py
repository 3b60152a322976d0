"""Any declared structure as lines: one generic walk over its field tree."""

from __future__ import annotations

from collections.abc import Callable

from transom.dissect.certificate_tree import write_certificate
from transom.dissect.labels import FLATTENED, Label, label, titled
from transom.dissect.lines import Pen, counted, hex_text
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import HELLO_RETRY_REQUEST_RANDOM
from transom.wire.codepoint import CodePoint
from transom.wire.escape import escape
from transom.wire.tree import Node

_IN_HEX = (CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme)
"""Registries whose numbers people know in hex."""


def write_fields(pen: Pen, parent: Node, base: int) -> None:
    """The fields of a structure or an extension. `base` is where the buffer of the nodes begins in the message."""
    owner = parent.value.name if isinstance(parent.value, CodePoint) else parent.kind or ""
    with pen.declared(parent.rfc):
        for node in parent.children:
            _write(pen, node, owner, base)
        if parent.error:
            pen.line(f"[Malformed: {escape(parent.error)}]", base + parent.offset, parent.length)


def _write(pen: Pen, node: Node, owner: str, base: int) -> None:
    if node.name == "extensions":
        _write_extensions(pen, node, base)
    elif node.kind:
        _write_struct(pen, node, label(owner, node.name).name, base)
    elif node.children:
        _write_vector(pen, node, label(owner, node.name), base)
    else:
        _write_leaf(pen, node, _named(owner, node.name), base)


def _named(owner: str, name: str) -> Label:
    """A leaf's label; a length prefix is called after what it stands in front of."""
    known = label(owner, name)
    if name.endswith("_length") and known.name == titled(name):
        return Label(label(owner, name.removesuffix("_length")).of_length)
    return known


def _write_struct(pen: Pen, node: Node, heading: str, base: int) -> None:
    if node.kind in FLATTENED:
        write_fields(pen, node, base)
        return
    headline = _HEADLINES.get(node.kind or "")
    pen.line(f"{heading}: {headline(node)}" if headline else heading, base + node.offset, node.length)
    with pen.beneath():
        write_fields(pen, node, base)


def _write_vector(pen: Pen, node: Node, shown: Label, base: int) -> None:
    entries = [child for child in node.children if not child.name.endswith("]_length")]
    count = node.length if shown.unit == "byte" else len(entries)
    pen.line(f"{shown.name} ({counted(count, shown.unit)})", base + node.offset, node.length)
    item = Label(shown.item or shown.name, text=shown.text)
    with pen.beneath():
        for child in node.children:
            if child.kind:
                _write_struct(pen, child, item.name, base)
            elif child.name.endswith("]_length"):
                _write_leaf(pen, child, Label(item.of_length), base)
            else:
                _write_leaf(pen, child, item, base)


def _write_leaf(pen: Pen, node: Node, shown: Label, base: int) -> None:
    offset = base + node.offset
    value = node.value
    if isinstance(value, bytes):
        if shown.name == "Certificate":
            write_certificate(pen, value, offset)
        elif value:  # An empty field has said so in its length.
            text = escape(value) if shown.text else hex_text(value) + _remark(value)
            pen.line(f"{shown.name}: {text}", offset, node.length)
    elif isinstance(value, CodePoint):
        pen.line(f"{shown.name}: {code_point(value)}", offset, node.length, value)
    elif isinstance(value, int):
        pen.line(f"{shown.name}: {value}", offset, node.length)


def _remark(value: bytes) -> str:
    return " (HelloRetryRequest magic)" if value == HELLO_RETRY_REQUEST_RANDOM else ""


def code_point(value: CodePoint) -> str:
    """`TLS_AES_128_GCM_SHA256 (0x1301)`, `server_name (0)`, `Unknown (25497)`."""
    name = value.title if value.is_known or value.is_grease else "Unknown"
    return f"{name} (0x{value:04x})" if isinstance(value, _IN_HEX) else f"{name} ({value:d})"


def _write_extensions(pen: Pen, node: Node, base: int) -> None:
    for extension in node.children:
        kind = extension.value
        if not isinstance(kind, CodePoint):
            continue
        name = kind.title if kind.is_known or kind.is_grease else f"Unknown type {kind:d}"
        # Behind the type and the length, two bytes each.
        pen.line(f"Extension: {name} (len={extension.length - 4})", base + extension.offset, extension.length, kind)
        with pen.beneath():
            write_fields(pen, extension, base)


def _key_share(node: Node) -> str:
    group, key = node.find("group"), node.find("key_exchange")
    title = group.value.title if group and isinstance(group.value, CodePoint) else ""
    return f"Group: {title}, Key Exchange length: {key.length if key else 0}"


_HEADLINES: dict[str, Callable[[Node], str]] = {"KeyShareEntry": _key_share}
"""Structures whose heading says what is in them."""
