"""The program that the command's process is before it is the command: it puts the filter of `seccomp` before itself.

    python -I -S -c … CONTROL REPORTS FAILED [PACKETS]

are descriptors: a socket that the job comes by, the pipe of `keeper`'s reports, a socket that closes when the command
has taken over, or says by what error it could not, and a packet socket whose filter the keeper is to narrow.

Nothing of the Python that ran here is left to the command: what it is given (environment, signals, descriptors) is what
it has.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence

from transom.net import packet_filter
from transom.run import keeper, seccomp

FAILED = 127


def encode_job(words: Sequence[str], environment: Mapping[str, str], mask: Iterable[int]) -> bytes:
    """For `main`: what is to be run, with the signals of `mask` blocked."""
    return json.dumps([list(words), dict(environment), [int(number) for number in mask]]).encode("ascii")


def main() -> None:
    """It does not return."""
    control, reports, failed, *more = handed = [int(word) for word in sys.argv[1:]]
    try:
        for descriptor in handed:
            os.set_inheritable(descriptor, False)
        words, environment, mask = json.loads(_all_of(control))
        _put_a_filter(reports, more[0] if more else None)
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):  # what Python does with them is its own
            if number != signal.SIGINT or signal.getsignal(number) is signal.default_int_handler:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.execvpe(words[0], words, environment)  # noqa: S606 (the command, as it was typed)
    except OSError as error:
        os.write(failed, str(error.errno).encode())
    finally:
        os._exit(FAILED)


def _all_of(control: int) -> bytes:
    with socket.socket(fileno=control) as source, source.makefile("rb") as file:
        return file.read()


def _put_a_filter(reports: int, packets: int | None) -> None:
    """And say whether there is one now."""
    ours, keepers = socket.socketpair()
    _fork_keeper(ours, keepers, reports, packets)
    keepers.close()
    report = keeper.Reporting(reports).report
    try:
        listener, gave_up = seccomp.install()
    except OSError as error:
        if packets is not None:  # nobody will say which ports
            with socket.socket(fileno=os.dup(packets)) as there:
                packet_filter.attach(there)
        report(keeper.NOT_WATCHED, error.errno or 0)
        return
    socket.send_fds(ours, [b"\0"], [listener])
    os.close(listener)
    if not ours.recv(1):  # without a keeper it could not connect
        raise ChildProcessError(errno.ECHILD, os.strerror(errno.ECHILD))
    report(keeper.WATCHED_WITHOUT_PRIVILEGES if gave_up else keeper.WATCHED)


def _fork_keeper(ours: socket.socket, keepers: socket.socket, reports: int, packets: int | None) -> None:
    """Before there is a filter, and by a process that ends: it is neither behind it nor the command's child."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    try:
        if os.fork() == 0:
            ours.close()
            keeper.become_keeper(keepers, reports, packets)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
