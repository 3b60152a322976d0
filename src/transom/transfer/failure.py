"""What a transfer failed by: curl's exit codes for it, and the answer that is not what was asked for."""

from __future__ import annotations

from transom.channel.interface import Channel
from transom.errors import HttpError, PeerError, PeerUntrusted, Sentence, TransferError, TransomError, Truncated
from transom.http.messages import Response
from transom.net.pump import RECEIVE_FAILED
from transom.transfer.client_session import ClientSession
from transom.wire.escape import escape

# curl's.
WEIRD_REPLY = 8
PARTIAL_FILE = 18
HTTP_STATUS = 22
TLS_HANDSHAKE = 35
GOT_NOTHING = 52
CERTIFICATE = 60
PINNED_KEY = 90


class Refused(TransferError):
    """The server answered, and not with what was asked for (exit code 22)."""

    def __init__(self, what: Sentence, response: Response) -> None:
        super().__init__(what, exit_code=HTTP_STATUS)
        self.response = response


def require_success(response: Response, *statuses: int) -> None:
    """Raise Refused for a response of any other status: its body is not what was asked for."""
    if response.status in statuses:
        return
    location = response.headers.get("Location")
    status = f"{response.status} {escape(response.reason)}" if response.reason else f"{response.status}"
    if location and 300 <= response.status < 400:
        what = Sentence("the server answered {status}, it is at {place}", status=status, place=escape(location))
    else:
        what = Sentence("the server answered {status}", status=status)
    raise Refused(what, response)


def as_transfer_error(error: TransomError, session: ClientSession) -> TransomError:
    """The error with curl's exit code for it."""
    match error:
        case PeerUntrusted(by_pin_alone=True):
            code = PINNED_KEY
        case PeerUntrusted():
            code = CERTIFICATE
        case PeerError() if session.handshake is None:
            code = TLS_HANDSHAKE
        case Truncated():
            code = PARTIAL_FILE if session.answered else GOT_NOTHING
        case PeerError():
            code = RECEIVE_FAILED
        case HttpError():
            code = WEIRD_REPLY
        case _:
            return error
    return TransferError(error.sentence, exit_code=code)


def blame_missing_certificate(error: TransomError, channel: Channel, *, answered: bool) -> None:
    """Say so where a server may have refused because it asked who we are: by an alert, a status, or a closed door.

    One that had begun to answer and then broke off did without.
    """
    refused = isinstance(error, Refused) and 400 <= error.response.status < 500
    broken = isinstance(error, TransferError) and error.exit_code in (TLS_HANDSHAKE, RECEIVE_FAILED, GOT_NOTHING)
    broken = broken and not answered
    if channel.certificate_missed and isinstance(error, TransferError) and (refused or broken):
        error.because(Sentence("the server asked for a client certificate and was shown none (--cert)"))
