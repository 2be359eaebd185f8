"""Finds guardrails that lock out those who must get in, by deciding the very requests that they make.

An account is looked at in each place that the catalog has for it: new, under the root and in quarantine, and in its OU
with everything that it inherits there. What is denied in any of them is a problem of the SCP that denies it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avm.catalog.source import Source
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.foundation import LOG_ARCHIVE_TYPE
from avm.domain.guardrail import Guardrail, GuardrailKind
from avm.domain.lifelines import BREAK_GLASS, DELIVERIES, ENTRANCES, LIFELINES, ORGANIZATION, Entrance, Lifeline
from avm.domain.organization import global_region
from avm.domain.policy import Decision, Policies, Policy, PolicyKind, PolicyMalformed, Request, evaluate, policy
from avm.domain.scp import QUARANTINE

_FULL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
_FULL_FOR_ALL = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
_FULL_AWS_ACCESS = policy(_FULL, PolicyKind.SCP, "FullAWSAccess")
_RCP_FULL_AWS_ACCESS = policy(_FULL_FOR_ALL, PolicyKind.RCP, "RCPFullAWSAccess")
_OPEN_RESOURCE = policy(_FULL_FOR_ALL, PolicyKind.RESOURCE, "resource")
_ADMINISTRATOR = policy(_FULL, PolicyKind.IDENTITY, "AdministratorAccess")
_NOT_GOVERNED = ("us-west-2", "ap-southeast-2")
"""Regions that every account has enabled: the vending roles remove default VPCs there, too."""


_KINDS = {GuardrailKind.SCP: PolicyKind.SCP, GuardrailKind.RCP: PolicyKind.RCP}
_HINTS = {
    GuardrailKind.SCP: "exempt the role by ArnNotLike aws:PrincipalArn, or narrow the statement",
    GuardrailKind.RCP: "spare the organization (aws:PrincipalOrgID: '{organization_id}') and AWS services "
    "(aws:PrincipalIsAWSService), or narrow the statement",
}
_Levels = tuple[tuple[str, ...], ...]
"""Files of guardrails, from the root down to the account itself."""


@dataclass(frozen=True)
class _Place:
    """Somewhere an account can be: the SCPs and the RCPs from the root down to itself, by file."""

    what: str
    scps: _Levels
    rcps: _Levels
    lifelines: tuple[Lifeline | Entrance, ...]


def lockouts(
    sources: Mapping[str, Source], guardrails: Mapping[str, Guardrail], organization: Source
) -> Iterator[CatalogProblem]:
    """Yield the guardrails that lock somebody out, each with a request that proves it.

    ``guardrails``: those whose own file is in order, by file; what refers to others is reported elsewhere.
    """
    settings = organization.data if isinstance(organization.data, dict) else {}
    home, allowed = settings.get("home_region"), settings.get("allowed_regions")
    if not isinstance(home, str) or not isinstance(allowed, list) or home not in allowed:
        return
    compiled: dict[str, Policy] = {}
    for file, guardrail in guardrails.items():
        try:
            compiled[file] = policy(guardrail.content_in(ORGANIZATION), _KINDS[guardrail.kind], file)
        except PolicyMalformed as malformed:
            hint = "correct the value; IAM would refuse the policy"
            yield sources[file].problem(("policy",), f"{malformed.place}: {malformed.reason}", hint)
    told: set[tuple[str | None, str | None, str]] = set()
    for place in _distinct(_places(sources, settings)):
        for lifeline in place.lifelines:
            is_inside = isinstance(lifeline, Lifeline)
            policies = _policies(place, compiled, is_inside=is_inside)
            # Whether other allowed Regions are open to people is another rule's
            regions = (*allowed, *_NOT_GOVERNED) if lifeline.is_vending else (home,)
            for request in lifeline.requests(regions, home, global_region(home)):
                decision = evaluate(request, policies)
                told_as = (decision.policy, decision.sid, lifeline.who)
                if decision.allowed or told_as in told:
                    continue
                told.add(told_as)
                where = f"{'to' if is_inside else 'in'} {place.what}"
                yield _problem(sources, guardrails, decision, f"{_cut_off(lifeline, request)} is denied {where}")


def _cut_off(lifeline: Lifeline | Entrance, request: Request) -> str:
    region = request.context["aws:RequestedRegion"]
    return f"{lifeline.who}, which {lifeline.does}: {request.action} on {request.resources[0]} in {region}"


def _problem(
    sources: Mapping[str, Source], guardrails: Mapping[str, Guardrail], decision: Decision, cut_off: str
) -> CatalogProblem:
    file = str(decision.policy)
    sids = [statement.sid for statement in guardrails[file].policy.statement]
    place = ("policy", "Statement", sids.index(str(decision.sid)))
    hint = _HINTS[guardrails[file].kind]
    return sources[file].problem(place, f"{decision.sid} locks out {cut_off}", hint)


def _policies(place: _Place, compiled: Mapping[str, Policy], *, is_inside: bool) -> Policies:
    """Return what binds somebody in the account, or from outside: nothing is denied for want of an Allow."""

    def levels(files: _Levels, full_access: Policy) -> tuple[tuple[Policy, ...], ...]:
        return tuple((full_access, *(compiled[file] for file in level if file in compiled)) for level in files)

    return Policies(
        identity=(_ADMINISTRATOR,),
        resource=_OPEN_RESOURCE,
        scps=levels(place.scps, _FULL_AWS_ACCESS) if is_inside else (),
        rcps=levels(place.rcps, _RCP_FULL_AWS_ACCESS),
    )


def _places(sources: Mapping[str, Source], settings: Mapping[str, Any]) -> Iterator[_Place]:
    vending = tuple(each for each in (*LIFELINES, *ENTRANCES) if each.is_vending)
    quarantine = f"scps/{QUARANTINE}.yaml"
    yield _Place("a new account, in quarantine under the root", ((), (quarantine,)), (), vending)
    ous = settings.get("ous")
    for name in ous if isinstance(ous, dict) else ():
        scps, rcps = (_levels(name, settings, kind) for kind in GuardrailKind)
        yield _Place(f"accounts in the OU {name}", (*scps, (quarantine,)), rcps, vending)
    for file, source in sources.items():
        data = source.data if file.startswith("account_types/") and isinstance(source.data, dict) else {}
        own = tuple(_files(data.get("scps"), GuardrailKind.SCP))
        ou = data.get("ou")
        if isinstance(ou, str):
            what = f"accounts of the type {data.get('name')} in the OU {ou}"
            lifelines = (*LIFELINES, *ENTRANCES) if _assigns_break_glass(data) else vending
            deliveries = DELIVERIES if data.get("name") == LOG_ARCHIVE_TYPE else ()
            scps, rcps = (_levels(ou, settings, kind) for kind in GuardrailKind)
            yield _Place(what, (*scps, own), rcps, (*lifelines, *deliveries))


def _distinct(places: Iterator[_Place]) -> Iterator[_Place]:
    """Yield one of the places that are under the same SCPs: functions load the catalog, too, and should start fast."""
    seen: set[tuple[Any, ...]] = set()
    for place in places:
        under = (place.scps, place.rcps, place.lifelines)
        if under not in seen:
            seen.add(under)
            yield place


def _levels(ou: str, settings: Mapping[str, Any], kind: GuardrailKind) -> _Levels:
    """Return the guardrails of a kind from the root, which has none of its own, down to an OU."""
    ous = settings.get("ous")
    path: list[str] = []
    name: Any = ou
    while isinstance(ous, dict) and isinstance(name, str) and isinstance(ous.get(name), dict) and name not in path:
        path.insert(0, name)
        name = ous[name].get("parent")
    return ((), *(tuple(_files(ous[name].get(kind.field), kind)) for name in path))  # type: ignore[index]  # else it is empty


def _files(names: Any, kind: GuardrailKind) -> Iterator[str]:
    for name in names if isinstance(names, list) else ():
        yield f"{kind.field}/{name}.yaml"


def _assigns_break_glass(data: Mapping[str, Any]) -> bool:
    assignments = data.get("assignments")
    return any(
        isinstance(each, dict) and each.get("permission_set") == BREAK_GLASS
        for each in (assignments if isinstance(assignments, list) else ())
    )
