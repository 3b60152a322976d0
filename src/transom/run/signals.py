r"""Signals while a command runs: they are meant for it, and are passed on or left alone, but end nobody here.

What a terminal sends (^C, ^\, ^Z, a new size) goes to the whole group and so has reached the command too, and what
somebody sends to the group or to a whole service has as well, which a witness tells. What is sent to our process alone
is passed on. All of them are blocked here and taken one by one, because only then is it told which kind they are of.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from transom.run.witness import Witness

ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})

PASSED_ON = ENDING | {signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP}
_ENOUGH = signal.SIGURG
"""Ends our waiting for signals; its default is to do nothing."""

_BY_KILL = (0, -1)  # SI_USER, SI_QUEUE; what the terminal sends is SI_KERNEL


class Held:
    """Signals are held back from here on, until `release`.

    To be made before anything that starts threads is imported: a thread that does not hold them back gets them.
    """

    def __init__(self) -> None:
        self.mask: Iterable[int] = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON | {_ENOUGH})
        """Those that were held back before, which the command is to be started with."""

    def let_through(self) -> None:
        """Let those that have come by now do what they do: there is no command yet."""
        if signal.sigpending() & ENDING:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON | {_ENOUGH})

    def forget(self) -> None:
        """Let go of those that have come by now: they were for the command, which is no more."""
        _forget()

    def release(self) -> None:
        """Take signals as before."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)


class PassingOn:
    """Takes what comes, in a thread, until `stop`.

    `send` passes a signal on to the command, whose process is `pid`; `came` is called for each that asks for an end.
    `witness` stood there before the command did, and is left in the end; `before` came before it did, to whomever.
    """

    def __init__(
        self,
        pid: int,
        witness: Witness,
        before: Iterable[int],
        send: Callable[[int], None],
        came: Callable[[], None],
    ) -> None:
        self._witness = witness
        self._before = set(before)
        self._pid = pid
        self._send = send
        self._came = came
        self._thread = threading.Thread(target=self._take_all, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more."""
        signal.pthread_kill(self._thread.ident or 0, _ENOUGH)
        self._thread.join()
        _forget()
        self._witness.leave()

    def _take_all(self) -> None:
        while True:
            sent = signal.sigwaitinfo(PASSED_ON | {_ENOUGH})
            if sent.si_signo in PASSED_ON:
                self._take(sent)
            elif sent.si_pid == os.getpid():
                return

    def _take(self, sent: signal.struct_siginfo) -> None:
        # What the command sends to its own group it has got itself.
        has_it = self._witness.has(sent.si_signo)
        is_for_us_alone = sent.si_code in _BY_KILL and sent.si_pid != self._pid and not has_it
        if is_for_us_alone or sent.si_signo in self._before:
            self._before.discard(sent.si_signo)
            self._send(sent.si_signo)
        if sent.si_signo == signal.SIGTSTP:
            _stop()
        elif sent.si_signo in ENDING:
            self._came()


def end_by(number: int) -> None:
    """End as the command did, by the same signal: a shell's loop stops only for a program that died of SIGINT."""
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the core that tells something is the command's
    with suppress(OSError):  # SIGKILL has no other way of being taken
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)


def _forget() -> None:
    while signal.sigtimedwait(PASSED_ON, 0) is not None:
        pass


def _stop() -> None:
    """Stop as the command does, so that the shell sees a stopped job; this returns when it goes on."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
