"""How long the asynchronous operations of AWS take, in AWS-seconds: the one place for these figures.

An operation is named ``<boto3 service>:<operation>``; what becomes usable in a new account is named ``new-account:``.
Where AWS documents no figure it is assumed, and says so. The limits of a latency are those of a model: AWS promises
none of these times. Where a figure is a range, each thing gets its own out of it, the same in each run with one seed.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BOTH = 2


@dataclass(frozen=True)
class Latency:
    """How long an operation takes, and where the figure comes from."""

    seconds: float
    source: str
    most: float | None = None
    """The end of a range that begins at ``seconds``."""

    @property
    def span(self) -> tuple[float, float]:
        """Return the least and the most."""
        return self.seconds, self.seconds if self.most is None else self.most


_ASSUMED = (
    "assumed, from CreateAccount SUCCEEDED on and kept short: trouble is reported up to 7 min, peers allow 10 min "
    "to 2 h (aws-semantics 3)"
)

LATENCIES: dict[str, Latency] = {
    "accessanalyzer:CreateAnalyzer": Latency(5, "assumed, from CREATING to ACTIVE; AWS names no figure", 30),
    "ce:DiscoverTagKey": Latency(
        86400, "Cost Management user guide, user-defined cost allocation tags: up to 24 hours until a key appears"
    ),
    "cloudtrail:DeliverEvent": Latency(
        300, "CloudTrail user guide: about 5 minutes after the call on average, not guaranteed (aws-semantics 9.2)"
    ),
    "config:DeleteOrganizationConformancePack": Latency(60, "assumed: as PutOrganizationConformancePack", 300),
    "config:PutConfigurationAggregator": Latency(
        60, "assumed, from PutConfigurationAggregator to the first collection; AWS names no figure", 300
    ),
    "config:PutOrganizationConformancePack": Latency(
        60, "assumed, until a pack is deployed in all accounts, or in one that has joined; AWS names no figure", 300
    ),
    "config:StartConfigurationRecorder": Latency(
        30, "assumed: from StartConfigurationRecorder to the first recording that succeeded (lastStatus Success)", 90
    ),
    "ec2:EnableImageBlockPublicAccess": Latency(
        30, "EC2 in the API reference: up to 10 minutes until it shows the change (aws-semantics 4.5)", 240
    ),
    "guardduty:AutoEnable": Latency(
        86400, "UpdateOrganizationConfiguration in the API reference: up to 24 hours (aws-semantics 4.3)"
    ),
    "guardduty:CreateMembers": Latency(
        10,
        "assumed, from CreateMembers to RelationshipStatus Enabled; AWS's reference architecture looks each 10 s",
        40,
    ),
    "new-account:AssumeRole": Latency(5, f"STS knows the account and its role; {_ASSUMED}", 15),
    "new-account:Credentials": Latency(10, f"a service knows credentials of the account; {_ASSUMED}", 25),
    "new-account:StsRegion": Latency(15, f"STS serves the account in a Region; {_ASSUMED}", 30),
    "new-account:Iam": Latency(15, f"IAM has replicated the role and its policy; {_ASSUMED}", 35),
    "new-account:Service": Latency(40, f"a service is set up for the account in a Region; {_ASSUMED}", 80),
    "organizations:ListAccounts": Latency(
        3, "assumed: lists show writes late; the SDK team advised 10 s before ListAccounts (aws-sdk-go#2602)"
    ),
    "organizations:DescribeAccount": Latency(
        1, "assumed: MoveAccount answers AccountNotFoundException right after a creation (aws-semantics 1.4)"
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
    "securityhub:AutoEnable": Latency(
        3600, "assumed, from joining the organization on: AWS says that new accounts are enabled automatically"
    ),
    "securityhub:BatchEnableStandards": Latency(
        30, "assumed, from PENDING to READY, of each standard, however it was enabled; AWS names no figure", 90
    ),
    "securityhub:CreateMembers": Latency(5, "assumed, from CreateMembers to MemberStatus Enabled", 20),
    "securityhub:StartConfigurationPolicyAssociation": Latency(
        60,
        "assumed, from an association, a joining or a move to what the policy says; user guide, view-policy: "
        "up to 24 hours",
        300,
    ),
    "securityhub:UpdateOrganizationConfiguration": Latency(
        30, "assumed, from ConfigurationType CENTRAL to Status ENABLED; AWS names no figure"
    ),
    "sso-admin:CreateAccountAssignment": Latency(
        8, "assumed: the AWS sample for Identity Center extensions waits 15 s before its first look"
    ),
    "sso-admin:DeleteAccountAssignment": Latency(8, "assumed: as CreateAccountAssignment"),
    "sso-admin:ProvisionPermissionSet": Latency(8, "assumed: as CreateAccountAssignment, for each account"),
}


class Latencies:
    """The latencies of one emulator: the documented ones until somebody changes them."""

    def __init__(self) -> None:
        """Begin with ``LATENCIES`` and seed 0."""
        self._lock = threading.Lock()
        self._spans: dict[str, tuple[float, float]] = {}
        self._seed = 0
        self.reset()

    def __getitem__(self, operation: str) -> float:
        """Return the AWS-seconds that ``operation`` takes; raise KeyError for one that has no latency."""
        return self.of(operation)

    def of(self, operation: str, *thing: object) -> float:
        """Return the AWS-seconds that ``operation`` takes for one thing, out of its range."""
        with self._lock:
            span = self._spans[operation]
            return random.Random(repr((self._seed, operation, thing))).uniform(*span)  # noqa: S311  repeatable

    def longest(self, operation: str) -> float:
        """Return the AWS-seconds that ``operation`` takes at most."""
        with self._lock:
            return self._spans[operation][1]

    def change(self, figures: Mapping[str, Any], seed: int | None = None) -> None:
        """Change the latencies of the named operations, and the seed of ranges where it is given; all or nothing.

        A figure is a number of AWS-seconds from 0, or a range: a list of two.

        Raise ValueError, which names every operation that has no latency and every figure that is none.
        """
        spans = {operation: _span(figure) for operation, figure in figures.items()}
        with self._lock:
            problems = [f"{name} has no latency" for name in spans if name not in self._spans]
            problems += [f"{name} cannot take {figures[name]!r} s" for name, span in spans.items() if span is None]
            if problems:
                known = ", ".join(sorted(self._spans))
                raise ValueError(f"{'; '.join(problems)}; known are {known}; a figure is a number or [least, most]")
            self._spans.update({operation: span for operation, span in spans.items() if span is not None})
            self._seed = self._seed if seed is None else seed

    def reset(self) -> None:
        """Return to the documented figures; the seed stays."""
        with self._lock:
            self._spans = {operation: latency.span for operation, latency in LATENCIES.items()}

    @property
    def seed(self) -> int:
        """What decides, together with the thing, which figure of a range the thing gets."""
        with self._lock:
            return self._seed

    def table(self) -> dict[str, dict[str, Any]]:
        """Return operation → ``{"seconds", "source"}``, of a range ``[least, most]``; a changed figure says so."""
        with self._lock:
            return {
                operation: {
                    "seconds": span[0] if span[0] == span[1] else list(span),
                    "source": LATENCIES[operation].source if span == LATENCIES[operation].span else "set by hand",
                }
                for operation, span in self._spans.items()
            }


def _span(figure: Any) -> tuple[float, float] | None:
    """Return the least and the most that a figure means; None if it means nothing."""
    numbers = figure if isinstance(figure, Sequence) and not isinstance(figure, str) else [figure, figure]
    if len(numbers) != _BOTH or any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        return None
    least, most = numbers
    return (least, most) if 0 <= least <= most < math.inf else None
