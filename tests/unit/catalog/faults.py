"""Mistakes that a test plants in a copy of the shipped catalog."""

from typing import NamedTuple

from tests.unit.catalog.catalog_copy import CatalogCopy

ORGANIZATION = "organization.yaml"
SANDBOX = "account_types/sandbox.yaml"
DEVELOPER = "permission_sets/DeveloperAccess.yaml"
LEAVE = "scps/avm-deny-leave.yaml"
ROOT = "scps/avm-deny-root.yaml"
REGIONS = "scps/avm-approved-regions.yaml"


class Fault(NamedTuple):
    """``old`` in ``file`` becomes ``new``: the problem is on the line that holds ``line``, at ``field``."""

    file: str
    old: str
    new: str
    line: str
    field: str
    reason: str
    found_in: str = ""
    """The file of the problem, where it is not ``file``."""


def assert_planted(copy: CatalogCopy, fault: Fault) -> None:
    """Plant the fault: it is the one problem of the catalog, on its line, with a hint."""
    copy.replace(fault.file, fault.old, fault.new)
    (problem,) = copy.problems()
    file = fault.found_in or fault.file
    assert (problem.file, problem.line, problem.field) == (file, copy.line(file, fault.line), fault.field)
    assert fault.reason in problem.reason
    assert problem.hint
