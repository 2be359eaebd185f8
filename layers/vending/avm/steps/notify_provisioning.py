"""NotifyProvisioning: what has become of a request is told to Service Catalog, whose record then ends.

A rule of the bus puts the events that end such requests into a queue of their own. What Service Catalog does not take
is tried again by the queue, and put aside with the reason at last. A record ends once: a request that was parked may
become READY later, its record stays FAILED.
"""

from __future__ import annotations

from avm.contracts.provisioning_outcome import Outcome
from avm.domain.errors import RecordInconsistent
from avm.steps.gateways import Gateways
from avm.steps.messages import Input, give_up
from avm.steps.step import StepOutput

__all__ = ["Input", "Output", "give_up", "run"]


class Output(StepOutput):
    """What was told of which record; ``told`` false: it had ended before."""

    record_id: str
    status: str
    told: bool


def run(step: Input, gateways: Gateways) -> Output:
    """Tell Service Catalog how a record ends, unless it was told before.

    Raises Transient and ProvisioningNotTold: then the message comes again.
    """
    outcome = Outcome.model_validate_json(step.body)
    record_id = outcome.detail.record_id
    known = gateways.provisionings.known(record_id)
    if known is None:
        raise RecordInconsistent(f"no token is kept of record {record_id} of Service Catalog")
    if known.told is not None:
        return Output(record_id=record_id, status=known.told, told=False)
    if outcome.status == "SUCCEEDED":
        gateways.provisioning_results.provisioned(record_id, known.token, _outputs(outcome, gateways))
    else:
        gateways.provisioning_results.not_provisioned(record_id, known.token, outcome.reason)
    gateways.provisionings.mark_told(record_id, outcome.status)
    return Output(record_id=record_id, status=outcome.status, told=True)


def _outputs(outcome: Outcome, gateways: Gateways) -> list[tuple[str, str, str]]:
    account_id = str(outcome.detail.account_id)
    record = gateways.table.request(outcome.detail.record_id)
    report = f"{gateways.api_url}/v1/accounts/{account_id}/report"
    return [
        ("AccountId", account_id, "The account"),
        ("Email", record.email, "Address of the account's root user"),
        ("Report", report, "The readiness report, by the API (docs/api.md)"),
    ]
