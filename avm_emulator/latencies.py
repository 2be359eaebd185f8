"""How long the asynchronous operations of AWS take, in AWS-seconds: the one place for these figures.

An operation is named ``<boto3 service>:<operation>``. Where AWS documents no figure it is assumed, and says so. The
limits of a latency are those of a model: AWS promises none of these times.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """How long an operation takes, and where the figure comes from."""

    seconds: float
    source: str


LATENCIES: dict[str, Latency] = {
    "cloudtrail:DeliverEvent": Latency(
        300, "CloudTrail user guide: about 5 minutes after the call on average, not guaranteed (aws-semantics 9.2)"
    ),
    "organizations:CreateAccount": Latency(
        30, "assumed: the samples of the AWS CLI reference and of the user guide took 54 s and 4 s"
    ),
    "organizations:ActivateAccount": Latency(
        5, "assumed: from CreateAccount SUCCEEDED to Account.State ACTIVE; AWS says that initialisation may go on"
    ),
    "organizations:CloseAccount": Latency(120, "assumed: the API reference says that a closure takes a few minutes"),
    "organizations:FinalizeOrganization": Latency(
        0, "assumed: CreateAccount in the API reference speaks of up to one hour after CreateOrganization"
    ),
    "organizations:PurgeAccount": Latency(90 * 86400, "CloseAccount in the API reference: gone for ever after 90 days"),
    "sso-admin:CreateAccountAssignment": Latency(
        8, "assumed: the AWS sample for Identity Center extensions waits 15 s before its first look"
    ),
    "sso-admin:DeleteAccountAssignment": Latency(8, "assumed: as CreateAccountAssignment"),
    "sso-admin:ProvisionPermissionSet": Latency(8, "assumed: as CreateAccountAssignment, for each account"),
}


class Latencies:
    """The latencies of one emulator: the documented ones until somebody changes them."""

    def __init__(self) -> None:
        """Begin with ``LATENCIES``."""
        self._seconds = {operation: latency.seconds for operation, latency in LATENCIES.items()}
        self._lock = threading.Lock()

    def __getitem__(self, operation: str) -> float:
        """Return the AWS-seconds that ``operation`` takes; raise KeyError for one that is not asynchronous."""
        with self._lock:
            return self._seconds[operation]

    def change(self, seconds: dict[str, float]) -> None:
        """Change the latencies of the named operations, all or none.

        Raise ValueError, which names every operation that has no latency and every figure below 0.
        """
        with self._lock:
            problems = [f"{name} has no latency" for name in seconds if name not in self._seconds]
            problems += [f"{name} cannot take {value} s" for name, value in seconds.items() if not value >= 0]
            if problems:
                raise ValueError("; ".join(problems) + f"; known are {', '.join(sorted(self._seconds))}")
            self._seconds.update(seconds)

    def table(self) -> dict[str, dict[str, float | str]]:
        """Return operation → ``{"seconds", "source"}``; a changed figure says so."""
        with self._lock:
            return {
                operation: {
                    "seconds": seconds,
                    "source": LATENCIES[operation].source if seconds == LATENCIES[operation].seconds else "set by hand",
                }
                for operation, seconds in self._seconds.items()
            }
