"""What CloudFormation says of a stack."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws.stacks import Stack, Stacks
from avm.domain.errors import AccessDenied, StackNotWaiting

STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/SC-1/6f4c1d0e"
LAUNCHER = "aws:servicecatalog:provisioningPrincipalArn"


class CloudFormation:
    """Answers with one stack, or fails."""

    def __init__(self, status: str = "CREATE_IN_PROGRESS", code: str | None = None, **tags: str) -> None:
        self.code = code
        self.tags = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.status = status

    def describe_stacks(self, **parameters: str) -> Any:
        assert parameters == {"StackName": STACK}
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "DescribeStacks")
        created = datetime(2026, 11, 26, 8, tzinfo=UTC)
        return {"Stacks": [{"StackStatus": self.status, "CreationTime": created, "Tags": self.tags}]}


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_waits_says_since_when_and_who_has_launched(status: str) -> None:
    stacks = Stacks(CloudFormation(status, **{LAUNCHER: "arn:jane", "owner": "arn:somebody"}))
    assert stacks.waiting(STACK) == Stack("2026-11-26T08:00:00.000Z", "arn:jane")


def test_of_a_stack_without_that_tag_nobody_is_known() -> None:
    assert Stacks(CloudFormation()).waiting(STACK).launcher is None


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"])
def test_another_one_waits_for_nothing(status: str) -> None:
    with pytest.raises(StackNotWaiting, match=status):
        Stacks(CloudFormation(status)).waiting(STACK)


@pytest.mark.parametrize(("code", "error"), [("ValidationError", StackNotWaiting), ("AccessDenied", AccessDenied)])
def test_what_aws_refuses_is_named(code: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="DescribeStacks"):
        Stacks(CloudFormation(code=code)).waiting(STACK)
