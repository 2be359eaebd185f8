"""Cases of ``decisions/*.yaml``: a request, the policies that apply to it, and what comes of it.

A file is a list of groups; a row has the fields of its group and its own::

    - group: what the rows show
      identity: [Allow s3:*]             # statements; boundary, session, resource the same
      scps: [[Allow *], [Deny iam:*]]    # levels of statements, from the root down; rcps the same
      rows:
        - {who: user/alice, action: s3:GetObject, resource: ARN, context: {key: value}, expect: allow}

A statement is one of IAM, or ``Allow ACTION [on RESOURCE]`` for short. ``expect`` is ``allow``, ``deny`` (implicit) or
``explicit``; ``because`` the kind of policy that decides. ``simulator`` says why the simulator from outside answers
otherwise: a test holds that it still does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from avm.domain.policy import Decision, Policies, Policy, PolicyKind, Principal, Request, evaluate, policy

HOME = "111122223333"
AWAY = "444455556666"
MANAGEMENT = "123456789012"
ACCOUNTS = {"home": HOME, "away": AWAY, "management": MANAGEMENT}

Statements = Sequence[Any]

RCP_FULL_AWS_ACCESS = policy(
    json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}),
    PolicyKind.RCP,
    "RCPFullAWSAccess",
)
"""AWS attaches it to each root, OU and account, and nobody can detach it; the simulator adds it, too."""


@dataclass(frozen=True)
class Case:
    """One row, with what it has from its group."""

    name: str
    expect: str
    who: str = "user/alice"
    action: str = "s3:GetObject"
    resource: str = "arn:aws:s3:::bucket/key"
    owner: str = HOME
    context: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    version: str = "2012-10-17"
    identity: Statements = ()
    boundary: Statements | None = None
    session: Statements | None = None
    resource_policy: Statements | None = None
    scps: Sequence[Statements] = ()
    rcps: Sequence[Statements] = ()
    because: str | None = None
    sid: str | None = None
    simulator: str | None = None

    @property
    def principal(self) -> Principal:
        """Return who asks: ``[ACCOUNT:]user/NAME``, ``role/NAME``, ``session/ROLE/NAME``, ``root`` or a service."""
        account, _, name = self.who.rpartition(":") if not self.who.startswith("arn:") else ("", "", self.who)
        account = ACCOUNTS[account or "home"]
        kind, _, rest = name.partition("/")
        arn = f"arn:aws:iam::{account}"
        match kind:
            case "root":
                return Principal.root(account)
            case "user":
                return Principal.user(f"{arn}:{name}", self.tags)
            case "role":
                return Principal.role(f"{arn}:{name}", self.tags)
            case "session":
                role, _, session = rest.rpartition("/")
                return Principal.session(f"{arn}:role/{role}", session, self.tags)
            case "saml-provider":
                return Principal.federated(f"{arn}:{name}")
        return Principal.service(name)

    @property
    def request(self) -> Request:
        """Return the request."""
        return Request(
            self.principal, self.action, (self.resource,), ACCOUNTS.get(self.owner, self.owner), self.context
        )

    def document(self, statements: Statements) -> dict[str, Any]:
        """Return a document of statements."""
        return {"Version": self.version, "Statement": [statement(each) for each in statements]}

    def decision(self) -> Decision:
        """Return what our evaluator says."""
        identity, boundary, session, resource = (
            self._policy(statements, kind)
            for statements, kind in (
                (self.identity or None, PolicyKind.IDENTITY),
                (self.boundary, PolicyKind.BOUNDARY),
                (self.session, PolicyKind.SESSION),
                (self.resource_policy, PolicyKind.TRUST if self.is_trust else PolicyKind.RESOURCE),
            )
        )
        policies = Policies(
            identity=(identity,) if identity else (),
            boundary=boundary,
            session=(session,) if session else None,
            resource=resource,
            scps=self._levels(self.scps, PolicyKind.SCP),
            rcps=self._levels(self.rcps, PolicyKind.RCP),
            management_account=MANAGEMENT,
        )
        return evaluate(self.request, policies)

    @property
    def is_trust(self) -> bool:
        """Whether a role is to be assumed."""
        return self.action.startswith("sts:Assume") or self.action in {"sts:TagSession", "sts:SetSourceIdentity"}

    @property
    def outcome(self) -> str:
        """Return our evaluator's decision in the words of ``expect``."""
        return outcome(self.decision())

    def simulation(self) -> dict[str, Any]:
        """Return the case as the simulator takes it; what IAM itself fills in must be given to it."""
        principal = self.principal
        simulation: dict[str, Any] = {
            "request": {
                "principal": principal.arn,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.request.owner},
                "contextVariables": {**_named(principal.own_keys), **self.context},
            },
            "identityPolicies": [{"name": "identity", "policy": self.document(self.identity)}] if self.identity else [],
            "serviceControlPolicies": self._simulated(self.scps),
            "resourceControlPolicies": self._simulated(self.rcps),
        }
        if self.boundary is not None:
            simulation["permissionBoundaryPolicies"] = [{"name": "boundary", "policy": self.document(self.boundary)}]
        if self.session is not None:
            simulation["sessionPolicy"] = self.document(self.session)
        if self.resource_policy is not None:
            simulation["resourcePolicy"] = self.document(self.resource_policy)
        return simulation

    def _policy(self, statements: Statements | None, kind: PolicyKind) -> Policy | None:
        return None if statements is None else policy(json.dumps(self.document(statements)), kind, str(kind))

    def _levels(self, levels: Sequence[Statements], kind: PolicyKind) -> tuple[tuple[Policy, ...], ...]:
        always = (RCP_FULL_AWS_ACCESS,) if kind is PolicyKind.RCP else ()
        found = [self._policy(statements, kind) for statements in levels]
        return tuple((*always, each) for each in found if each)

    def _simulated(self, levels: Sequence[Statements]) -> list[dict[str, Any]]:
        return [
            {"orgIdentifier": f"level-{number}", "policies": [{"name": "policy", "policy": self.document(statements)}]}
            for number, statements in enumerate(levels)
        ]


def outcome(decision: Decision) -> str:
    """Return a decision in the words of ``expect``."""
    if decision.allowed:
        return "allow"
    return "explicit" if decision.explicit else "deny"


def statement(short: Any) -> dict[str, Any]:
    """Return a statement that may be written short: ``Deny iam:* on arn:aws:iam::*:role/avm/*``."""
    if not isinstance(short, str):
        return dict(short)
    effect, action, *rest = short.split()
    return {"Effect": effect, "Action": action, "Resource": rest[1] if rest else "*"}


def cases(directory: Path) -> Iterator[Case]:
    """Yield the cases of all files in ``directory``."""
    for file in sorted(directory.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text("utf-8")):
            for number, row in enumerate(group["rows"], 1):
                fields = {key: value for key, value in {**group, **row}.items() if key not in {"group", "rows"}}
                yield Case(name=f"{file.stem}: {group['group']} ({number})", **fields)


def _named(keys: Mapping[str, str]) -> dict[str, str]:
    """Return keys as AWS spells them; the simulator does not find all of them in lower case."""
    spelled = {
        "aws:principalarn": "aws:PrincipalArn",
        "aws:principalaccount": "aws:PrincipalAccount",
        "aws:principaltype": "aws:PrincipalType",
        "aws:principalisawsservice": "aws:PrincipalIsAWSService",
        "aws:principalservicename": "aws:PrincipalServiceName",
    }
    return {
        spelled.get(key, key.replace("aws:principaltag/", "aws:PrincipalTag/")): value for key, value in keys.items()
    }
