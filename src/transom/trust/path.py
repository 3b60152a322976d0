"""The way from a leaf up to a root, as our own eyes see it.

This is for telling, not for trusting: whether a chain holds is decided by `cryptography.x509.verification`, which
builds its own path. Ours is looked for where that one says no and gives no reason, and where nobody asks it (a
capture, a pinned peer).
"""

from __future__ import annotations

from collections.abc import Sequence

from transom.trust.certificate import Certificate
from transom.trust.link import signed_by
from transom.trust.store import Root, TrustStore
from transom.value import value


@value
class Path:
    """Certificates from the leaf up, each issued by the next; `anchor` is the root at its end, if one was found.

    `proven` says that whoever found the path has verified every signature on it.
    """

    certificates: tuple[Certificate, ...]
    anchor: Root | None
    proven: bool = False

    @property
    def leaf(self) -> Certificate:
        return self.certificates[0]

    def issuer_of(self, position: int) -> Certificate | None:
        """The next certificate up; the last one has none, unless it issued itself."""
        if position + 1 < len(self.certificates):
            return self.certificates[position + 1]
        last = self.certificates[-1]
        return last if last.self_issued else None


def find_path(sent: Sequence[Certificate], store: TrustStore) -> Path:
    """Climb from the leaf: to a root if one issued what is in hand, else to a certificate that was sent along."""
    path = [sent[0]]
    while True:
        current = path[-1]
        if root := store.find(current.parsed):
            return Path(tuple(path), root)
        if root := _issuing_root(current, store):
            return Path((*path, root.certificate), root)
        issuer = _issuer_among(current, [other for other in sent if other not in path])
        if issuer is None:
            return Path(tuple(path), None)
        path.append(issuer)


def _issuing_root(certificate: Certificate, store: TrustStore) -> Root | None:
    named = store.named(certificate.issuer_name)
    return next((root for root in named if signed_by(certificate, root.certificate)), None)


def _issuer_among(certificate: Certificate, others: Sequence[Certificate]) -> Certificate | None:
    """One with the issuer's name, at best one whose key fits: the name alone shows a signature that does not."""
    if certificate.self_issued:
        return None
    named = [other for other in others if other.subject_name == certificate.issuer_name]
    return next((other for other in named if signed_by(certificate, other)), named[0] if named else None)
