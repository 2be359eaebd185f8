"""ReserveAccount: name and e-mail belong to this request alone before an account is spent."""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.step import StepInput, StepOutput


class Input(StepInput):
    """The request's id."""


class Output(StepOutput):
    """Nothing: the reservation holds."""


def run(step: Input, gateways: Gateways) -> Output:
    """Reserve name and e-mail for the request; raises NameTaken or EmailTaken.

    The door has reserved them already; requests that were freed and come back by a retry have not. Accounts that
    are not ours are no concern here: AWS keeps e-mails unique and answers EMAIL_ALREADY_EXISTS without spending an
    account, while a scan of ListAccounts costs 250 calls at 5,000 accounts (aws-semantics 1.3).
    """
    gateways.table.reserve(gateways.table.request(step.request_id))
    return Output()
