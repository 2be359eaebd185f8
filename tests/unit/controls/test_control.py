"""What controls declare, in which order they are enforced, and which policies follow from them."""

from pathlib import Path
from typing import ClassVar

import pytest

import avm.controls
from avm.controls.control import Control, Grant, Plane, Reach, Target
from avm.controls.policies import enforce_policy, observe_policy
from avm.controls.registry import all_controls, waves
from avm.domain.finding import Change, Finding
from avm.domain.foundation import Foundation

FOUNDATION = Foundation(
    partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id="123456789012"
)


class Shelf(Control):
    name = "shelf"
    promise = "It stands."
    plane: ClassVar[Plane] = "member"
    duty = "harden_account"
    observe_grants = (
        Grant(("ec2:DescribeVpcs",)),
        Grant(("config:DescribeRules",), ("arn:{partition}:config:{region}:{account}:rule/*",)),
    )
    enforce_grants = (Grant(("ec2:DeleteVpc", "ec2:DescribeVpcs")),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        raise NotImplementedError

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        raise NotImplementedError


class Book(Shelf):
    name = "book"
    needs = ("shelf", "not-in-this-account-type")


class Distant(Shelf):
    name = "distant"
    plane = "security"


def test_each_file_of_a_control_is_found_under_its_name() -> None:
    declared = {
        file.stem
        for file in Path(avm.controls.__path__[0]).glob("*.py")
        if "(Control):" in (text := file.read_text("utf-8")) or "(Ec2Default):" in text
    } - {"ec2_default"}  # what several have in common
    assert {name.replace("-", "_") for name in all_controls()} == declared


def test_a_control_comes_after_those_that_it_needs() -> None:
    order = [[control.name for control in wave] for wave in waves([Book(), Distant(), Shelf()])]
    assert order == [["distant", "shelf"], ["book"]]


def test_controls_that_need_each_other_are_refused() -> None:
    circular = type("Circular", (Shelf,), {"needs": ("book",)})
    with pytest.raises(ValueError, match="these controls need each other: book, shelf"):
        waves([circular(), Book()])


def test_the_policy_to_look_holds_the_looks_of_one_plane() -> None:
    policy = observe_policy([Shelf(), Distant()], "member", partition="aws-cn", account_id="111122223333")
    assert policy["Statement"] == [
        {"Effect": "Allow", "Action": ["ec2:DescribeVpcs"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["config:DescribeRules"],
            "Resource": ["arn:aws-cn:config:*:111122223333:rule/*"],
        },
    ]


def test_the_policy_to_enforce_looks_too() -> None:
    policy = enforce_policy([Shelf(), Book()], "member", partition="aws", account_id="111122223333")
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert actions == {"ec2:DeleteVpc", "ec2:DescribeVpcs", "config:DescribeRules"}


def test_the_foundation_says_what_it_lacks() -> None:
    there = FOUNDATION.model_copy(update={"log_archive_account_id": "111122223333"})
    assert there.missing(("log-archive", "trail")) == ("trail",)
    assert there.config_bucket == "avm-config-111122223333-eu-west-1"
