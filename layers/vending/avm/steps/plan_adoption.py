"""PlanAdoption: look at an account as its adoption would, and say what it would change. Nothing is changed.

The machine has no roles in the account yet. So it looks through the bootstrap role, in a session that a session policy
narrows to what ``avm-observe`` would be let.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from avm.aws.sts import Session
from avm.contracts.adoption_plan import AdoptionPlan, PlannedControl
from avm.controls.control import Control, Target
from avm.controls.ou_guardrails import guardrails_of
from avm.controls.policies import observe_policy
from avm.controls.vending_roles import OBSERVE
from avm.domain.errors import Transient, VendingError, problem_details
from avm.domain.finding import Finding
from avm.domain.guardrail import GuardrailKind
from avm.steps.adoption import adoption_request_id, check_adoptable, enter, find_account, places
from avm.steps.control_rounds import look
from avm.steps.gateways import Gateways
from avm.steps.park_account import problem_of
from avm.steps.reach import AccountReach
from avm.steps.step import StepOutput
from avm.steps.targets import Aim, find_foundation


class Input(BaseModel):
    """The plan's id, of which account it is, and what the workflow caught when it was tried before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    account_id: str
    time: str
    """When the state was entered, ISO 8601."""
    error: str | None = None
    cause: str = ""


class Output(StepOutput):
    """Nothing: the plan is kept."""


class AdoptionReach(AccountReach):
    """The ways to AWS for an account in which the machine has no roles: it only looks, through the bootstrap role."""

    def __init__(self, gateways: Gateways, account: Aim, session: Session) -> None:
        """``session``: in the bootstrap role, narrowed to looking."""
        target = account.target
        super().__init__(gateways, target.foundation, target.account.id, OBSERVE, target.request_id, memory={})
        self._looking = session

    @cached_property
    def _member_session(self) -> Session:
        return self._looking


def run(step: Input, gateways: Gateways) -> Output:
    """Make the plan and keep it; one that a newer plan has followed is dropped."""
    asked = gateways.reports.adoption_plan(step.account_id)
    if asked.observation_id != step.observation_id:
        return Output()
    if step.error is not None:
        planned = _failed(asked, problem_of(step.error, step.cause, "PlanAdoption"))
    else:
        planned = _planned(asked, step, gateways)
    gateways.reports.put_adoption_plan(planned.model_copy(update={"time": step.time}))
    return Output()


def _planned(asked: AdoptionPlan, step: Input, gateways: Gateways) -> AdoptionPlan:
    try:
        return _plan(asked, step, gateways)
    except Transient:
        raise
    except VendingError as error:
        return _failed(asked, problem_details(error.code, str(error)))


def _failed(asked: AdoptionPlan, error: dict[str, str]) -> AdoptionPlan:
    return asked.model_copy(update={"status": "FAILED", "error": error})


def _plan(asked: AdoptionPlan, step: Input, gateways: Gateways) -> AdoptionPlan:
    account = find_account(step.account_id, gateways)
    parent = check_adoptable(account, gateways)
    account_type = gateways.catalog.account_type(asked.request.type)
    target = Target(
        account=account,
        account_type=account_type,
        catalog=gateways.catalog,
        request=asked.request,
        request_id=asked.request.request_id or adoption_request_id(account.id),
        foundation=find_foundation(gateways, account),
        trusted=gateways.trusted(account.organization_id),
    )
    aim = Aim(target)
    policy = observe_anything(aim.controls.values())
    reach = AdoptionReach(gateways, aim, enter(gateways, account.id, step.observation_id, policy))
    rows = [
        _row(control, look(control, each, reach)[0])
        for control in aim.controls.values()
        for each in aim.targets(control)
    ]
    organizations = gateways.organizations
    # what is attached to the root binds an account wherever it stands
    left = set() if parent == organizations.root_id() else set(guardrails_of(parent, reach))
    kept = set(guardrails_of(organizations.ou_id(account_type.ou), reach))
    return asked.model_copy(
        update={
            "status": "DONE",
            "ou_before": places(gateways)[parent],
            "ou_after": account_type.ou,
            "unbound": tuple(sorted(left - kept)),
            "left_alone": tuple(_foreign(account.id, gateways)),
            "controls": tuple(rows),
        }
    )


def observe_anything(controls: Iterable[Control]) -> str:
    """Return the session policy that lets controls look, at whatever: of what is not there, IAM knows no path."""
    document = observe_policy(controls, "member", partition="*", account_id="*")
    actions = sorted({action for statement in document["Statement"] for action in statement["Action"]})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": document["Version"], "Statement": [statement]}, separators=(",", ":"))


def _row(control: Control, finding: Finding) -> PlannedControl:
    """Return what a control has found; what is untrue would be made true by the calls that the control declares."""
    is_changed = finding.status == "violated" and control.mode == "enforce"
    return PlannedControl(
        control=finding.control,
        scope=finding.scope,
        status=finding.status,
        calls=control.changing_actions() if is_changed else (),
        evidence=finding.evidence,
    )


def _foreign(account_id: str, gateways: Gateways) -> Iterator[str]:
    """Yield the guardrails on the account that no catalog has put there."""
    for kind in GuardrailKind:
        for name in sorted(gateways.organizations.attached_guardrails(account_id, kind)):
            if name != kind.full_access and name.rpartition("-")[0] not in gateways.catalog.guardrails(kind):
                yield f"{kind.name} {name} on the account"
