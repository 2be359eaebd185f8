"""Who may do what at the API, and whose a request is."""

from collections.abc import Callable
from typing import Any

import pytest

from avm.domain.access import Access, is_own, role_of, roles_of, user_of
from avm.domain.account_request import AccountRequest, Requester, RequestRecord
from avm.domain.errors import CallNotAllowed

STS = "arn:aws:sts::123456789012:assumed-role"
CI = f"{STS}/avm-requester/run-1"
JANE_ASKS = f"{STS}/AWSReservedSSO_AvmRequester_0123456789abcdef/jane@example.com"
JANE_APPROVES = f"{STS}/AWSReservedSSO_AvmApprover_0123456789abcdef/jane@example.com"
JOHN_ASKS = f"{STS}/AWSReservedSSO_AvmRequester_0123456789abcdef/john@example.com"


def requester(principal: str, door: str = "api") -> Requester:
    return Requester(door=door, principal=principal, on_behalf_of=user_of(principal))


def record(principal: str, door: str = "api") -> RequestRecord:
    request = AccountRequest(name="x", type="x", owner="x@example.com", cost_center="x", purpose="x")
    return RequestRecord(
        request_id="R1",
        status="QUEUED",
        request=request,
        digest="",
        email="x@example.com",
        regions=(),
        requester=requester(principal, door),
        catalog_version="",
        created_at="",
        updated_at="",
    )


@pytest.mark.parametrize(
    ("principal", "role", "user"),
    [
        (CI, "arn:aws:iam::123456789012:role/avm-requester", None),
        (JANE_ASKS, "arn:aws:iam::123456789012:role/AWSReservedSSO_AvmRequester_0123456789abcdef", "jane@example.com"),
        ("arn:aws-cn:sts::123456789012:assumed-role/a/b", "arn:aws-cn:iam::123456789012:role/a", None),
        ("arn:aws:iam::123456789012:user/AWSReservedSSO_x/jane", None, None),
        ("arn:aws:iam::123456789012:root", None, None),
        ("unknown", None, None),
    ],
)
def test_a_session_is_of_a_role_and_one_of_identity_center_of_a_user(
    principal: str, role: str | None, user: str | None
) -> None:
    assert (role_of(principal), user_of(principal)) == (role, user)


PATTERNS: Any = {
    "requester": ["arn:*:iam::123456789012:role/AWSReservedSSO_AvmRequester_*", "arn:aws:iam::*:role/avm-request?r"],
    "approver": ["arn:aws:iam::*:role/avm-requester"],
}


@pytest.mark.parametrize(
    ("principal", "roles"),
    [
        (JANE_ASKS, {"requester"}),
        (CI, {"requester", "approver"}),
        (JANE_ASKS.replace("123456789012", "210987654321"), set()),
        (f"{STS}/AVM-REQUESTER/x", set()),
        (f"{STS}/avm-requester-of-mine/x", set()),
        (f"{STS}/mine/avm-requester", set()),
        ("arn:aws:iam::123456789012:root", set()),
    ],
)
def test_roles_are_those_whose_pattern_is_the_whole_role(principal: str, roles: set[str]) -> None:
    assert roles_of(principal, PATTERNS) == roles
    assert roles_of(principal, None) == {"operator"}, "a catalog without api_roles is as before"


@pytest.mark.parametrize(
    ("caller", "asked", "own"),
    [
        (JANE_ASKS, JANE_ASKS, True),
        (JANE_APPROVES, JANE_ASKS, True),
        (JOHN_ASKS, JANE_ASKS, False),
        (CI, CI.replace("run-1", "run-2"), True),
        (CI, f"{STS}/another/run-1", False),
        (f"{STS}/mine/jane@example.com", JANE_ASKS, False),
        (JANE_ASKS, f"{STS}/mine/jane@example.com", False),
        ("arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:user/b", False),
    ],
)
def test_a_request_is_of_the_same_user_or_else_of_the_same_role(caller: str, asked: str, *, own: bool) -> None:
    assert is_own(requester(caller), record(asked).requester) is own
    assert not is_own(requester(caller), record(asked, "queue").requester), "another door proves another thing"
    by_stack = record(asked, "service-catalog-stack").requester
    assert is_own(requester(caller), by_stack) is own, "AWS names who has launched"


Check = Callable[[Access], None]


@pytest.mark.parametrize(
    ("roles", "own", "allowed"),
    [
        ({"requester"}, True, "sees acts"),
        ({"requester"}, False, ""),
        ({"approver"}, True, "sees acts"),
        ({"approver"}, False, "sees decides"),
        ({"auditor"}, False, "sees decides"),
        ({"operator"}, True, "sees acts decides"),
        ({"operator"}, False, "sees acts decides"),
    ],
)
def test_what_is_anothers_is_read_by_who_sees_all_and_ones_own_decided_by_somebody_else(
    roles: Any, *, own: bool, allowed: str
) -> None:
    access = Access(requester(JANE_ASKS), frozenset(roles))
    subject = record(JANE_APPROVES if own else JOHN_ASKS)
    for name in ("sees", "acts", "decides"):
        check = getattr(access, f"check_{name}")
        if name in allowed.split() or (name == "decides" and not own):
            check(subject)
        else:
            with pytest.raises(CallNotAllowed):
                check(subject)


def test_a_call_is_for_its_roles_and_for_operators() -> None:
    Access(requester(CI), frozenset({"approver"})).demand("requester", "approver")
    Access(requester(CI), frozenset({"operator"})).demand()
    with pytest.raises(CallNotAllowed, match="this call is for requester, operator; "):
        Access(requester(CI), frozenset({"auditor", "approver"})).demand("requester")
    with pytest.raises(CallNotAllowed, match="has no role at this API"):
        Access(requester(CI), frozenset()).demand("auditor")
