"""The errors of the emulator: what an AWS client is told (or not), and what the person who starts it is told."""

from __future__ import annotations

from typing import Any

NOT_IMPLEMENTED = "NotImplementedByEmulator"
"""Error code of what AWS has and the emulator has not; no code of AWS, so that nobody takes it for one."""


class AwsError(Exception):
    """An error that AWS answers; raise it anywhere inside a call (a moto backend, a response, an interceptor).

    It is no exception of moto's on purpose: it passes through moto untouched, and the boundary serialises it as the
    called service's protocol demands (moto's own errors must come from a module named ``moto.<service>``, or the
    answer is a bare HTTP 500; facts/local-emulator.md, section 9).
    """

    def __init__(self, code: str, message: str, status: int | None = None, **members: Any) -> None:
        """Say what is answered.

        Args:
            code: the error code, as botocore's model of the service names it.
            message: the sentence for the caller.
            status: HTTP status; by default that of the service's model, else that of AWS's common errors, else 400.
            members: further members of the error's shape, such as ``Reason``.
        """
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        vars(self).update(members)


class NoAnswerError(Exception):
    """The caller gets no answer: its connection is closed."""

    def __init__(self, code: str) -> None:
        """``code``: what the record of calls says in the place of an error code of AWS."""
        super().__init__(code)
        self.code = code


class EmulatorError(Exception):
    """The emulator cannot start or go on; the message is one line for a person and says what to do next."""
