"""Being on time: a timer that epoll waits for, exact to some microseconds, and the scheduler's favour."""

from __future__ import annotations

import ctypes
import os
import struct
import time

_TFD_NONBLOCK, _TFD_CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
_TFD_TIMER_ABSTIME = 1
_SECOND = 1_000_000_000  # nanoseconds
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "riscv64": 274}  # the C library knows this call only since 2.41
_TURN = 100_000  # nanoseconds, the least there is

_libc = ctypes.CDLL(None, use_errno=True)


class _Times(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class ExactTimer:
    """Makes its descriptor readable at a time of `time.monotonic_ns`; see timerfd_create(2).

    It is for epoll, whose own timeout counts milliseconds.
    """

    def __init__(self) -> None:
        self.descriptor: int = _libc.timerfd_create(time.CLOCK_MONOTONIC, _TFD_NONBLOCK | _TFD_CLOEXEC)
        if self.descriptor < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), "timerfd_create")
        self._times = _Times()
        self._pointer = ctypes.byref(self._times)
        self._due = 0

    def set(self, due: int) -> None:
        """Make the descriptor readable at this time only; 0 for never. A time that has passed is at once."""
        if due != self._due:
            self._due = due
            self._times.seconds, self._times.nanoseconds = divmod(due, _SECOND)
            _libc.timerfd_settime(self.descriptor, _TFD_TIMER_ABSTIME, self._pointer, None)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.descriptor)


def ask_for_short_turns() -> None:
    """Ask the scheduler for short turns on the processor, which come sooner: see sched_setattr(2).

    It is a favour, which costs no right and gives no greater share; kernels before 6.12 do not know it.
    """
    number = _SCHED_SETATTR.get(os.uname().machine)
    if number:
        attributes = struct.pack("IIQiIQQQ", 48, os.SCHED_OTHER, 0, 0, 0, _TURN, 0, 0)
        _libc.syscall(number, 0, attributes, 0)
