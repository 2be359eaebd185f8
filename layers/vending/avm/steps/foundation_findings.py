"""Security Hub of the security account shows what is untrue of the foundation, and resolves it once it is true again.

A finding is shown after the report is kept, and what goes wrong with it is told, never raised: a run that came to its
end is not done again because of it. The next look shows what this one could not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated
from avm.aws.security_hub_findings import SecurityHubFindings
from avm.contracts.security_finding import foundation_finding_of
from avm.domain.errors import FoundationBehind, VendingError
from avm.domain.foundation import SECURITY_TYPE
from avm.domain.open_finding import FOUNDATION, OpenFinding
from avm.steps.control_rounds import WORDS, Failure
from avm.steps.foundation_step import FoundationInput, OrganizationReach, Seen
from avm.steps.gateways import Gateways


class Shown(BaseModel):
    """What became of the findings."""

    model_config = ConfigDict(frozen=True)

    imported: tuple[str, ...] = ()
    """Controls of which a finding is open."""
    resolved: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    """Controls of which Security Hub could not be told, and why."""


def show_findings(
    step: FoundationInput,
    gateways: Gateways,
    reach: OrganizationReach,
    seen: Iterable[Seen],
    *,
    is_opening: bool,
    cause: Mapping[str, Any] | None,
) -> Shown:
    """Import the finding of each control that is untrue, resolve the one of each that is true again.

    ``is_opening``: also of what was not known to be untrue. ``cause``: the call that has hinted at it, if one has.
    Without a security account, or without Security Hub there, nothing is shown: the foundation names that itself.
    """
    imported: list[str] = []
    resolved: list[str] = []
    failures: list[Failure] = []
    try:
        with translated():
            known = gateways.drift.open_findings(FOUNDATION)
            told = [each for each in seen if _is_to_be_told(each, known, is_opening=is_opening)]
            account_id = reach.account_of(SECURITY_TYPE) if told else None
            if account_id is None:
                return Shown()
            region = gateways.catalog.organization.home_region
            findings = SecurityHubFindings(reach.security(region), gateways.partition, region, account_id)
    except VendingError as error:
        return Shown(failures=(_failure("all controls", error),))
    for each in told:
        try:
            with translated():
                _show(each, step, gateways, findings, cause)
        except FoundationBehind:
            return Shown()
        except VendingError as error:
            failures.append(_failure(each.control, error))
        else:
            (resolved if each.status == "compliant" else imported).append(each.control)
    return Shown(imported=tuple(imported), resolved=tuple(resolved), failures=tuple(failures))


def _is_to_be_told(seen: Seen, known: frozenset[str], *, is_opening: bool) -> bool:
    """Return whether there is something to show; what AWS works on, or could not be looked at, says nothing."""
    if seen.control in known:
        return seen.status in {"violated", "compliant"}
    return is_opening and seen.status == "violated" and seen.failure() is not None


def _show(
    seen: Seen,
    step: FoundationInput,
    gateways: Gateways,
    findings: SecurityHubFindings,
    cause: Mapping[str, Any] | None,
) -> None:
    """Import or resolve a finding. It is written down first, so that one that was imported is never lost sight of."""
    is_compliant = seen.status == "compliant"
    opened = gateways.drift.open_finding(FOUNDATION, seen.control)
    if opened is None:
        opened = OpenFinding(
            account_id=FOUNDATION,
            control=seen.control,
            finding_id=f"avm/{FOUNDATION}/{seen.control}/{step.observation_id}",
            since=step.time,
            found={"organization": {"status": seen.status}},
            cause=cause,
        )
        gateways.drift.put_finding(opened)
    finding = foundation_finding_of(
        opened, findings.place, gateways.management_account_id, at=step.time, is_compliant=is_compliant
    )
    findings.put(finding)
    if is_compliant:
        findings.mark(opened.finding_id, "RESOLVED", "It is as promised again.")
        gateways.drift.close_finding(FOUNDATION, seen.control)


def _failure(control: str, error: VendingError) -> Failure:
    return Failure(control=control, status="unknown", error=error.code, cause=str(error)[:WORDS])
