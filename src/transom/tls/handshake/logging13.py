"""What TLS 1.3 writes into the key log, in either role (RFC 9850)."""

from __future__ import annotations

from transom.tls.handshake.steps import LogSecret, Script
from transom.tls.keys.keylog import format_line
from transom.tls.keys.schedule13 import ApplicationSecrets, HandshakeSecrets


def log_handshake_secrets(client_random: bytes, secrets: HandshakeSecrets) -> Script[None]:
    """The two that open the sealed part of the handshake."""
    yield LogSecret(format_line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.client.secret))
    yield LogSecret(format_line("SERVER_HANDSHAKE_TRAFFIC_SECRET", client_random, secrets.server.secret))


def log_application_secrets(client_random: bytes, secrets: ApplicationSecrets) -> Script[None]:
    """The two that open the data, and the exporter's."""
    yield LogSecret(format_line("CLIENT_TRAFFIC_SECRET_0", client_random, secrets.client.secret))
    yield LogSecret(format_line("SERVER_TRAFFIC_SECRET_0", client_random, secrets.server.secret))
    yield LogSecret(format_line("EXPORTER_SECRET", client_random, secrets.exporter.secret))
