"""What both doors of Service Catalog share: the request that a filled form is, and a refusal as launchers read it."""

from __future__ import annotations

from collections.abc import Mapping

from avm.domain.errors import InvalidRequest, Rejected
from avm.domain.product import request_of
from avm.domain.request_rules import parse_request
from avm.steps.gateways import Gateways


def body_of(answers: Mapping[str, str], account_type: str, gateways: Gateways) -> dict[str, object]:
    """Return the request that the answers to a form are; raises InvalidRequest with all that is wrong with them.

    A body without unreadable fields is checked where it is accepted.
    """
    body, problems = request_of(answers, account_type)
    if problems:
        try:
            parse_request(body, gateways.catalog)
        except InvalidRequest as error:
            unread = {problem.field for problem in problems}
            problems += [problem for problem in error.problems if problem.field not in unread]
        raise InvalidRequest(problems)
    return body


def sentence(error: Rejected) -> str:
    """Return what is wrong as people read it who have only this text: with what to write instead."""
    if not isinstance(error, InvalidRequest):
        return str(error)
    return "; ".join(f"{each.field or 'request'}: {each.reason} ({each.hint})" for each in error.problems)
