"""Each fault that somebody can make in a webhook's file is found, where it stands."""

import shutil

import pytest

from avm.catalog import load_catalog
from tests.unit.catalog.catalog_copy import CatalogCopy
from tests.unit.catalog.faults import ORGANIZATION, Fault, assert_planted

JIRA = "webhooks/jira.yaml"
SERVICENOW = "webhooks/servicenow.yaml"

FAULTS = {
    "expression that is none": Fault(JIRA, "ticket: issue.key", "ticket: issue..key", "ticket:", "ticket", "JMESPath"),
    "brackets that stay open": Fault(
        SERVICENOW, "    request_id: number,", "    request_id: {number,", "request: |", "request", "is not JMESPath"
    ),
    "unknown character": Fault(
        JIRA, "ticket: issue.key", "ticket: issue#key", "ticket:", "ticket", "is not JMESPath: Bad jmespath expression"
    ),
    "unknown ticket system": Fault(
        JIRA, "ticket_system: jira", "ticket_system: jra", "ticket_system", "ticket_system", "no ticket system 'jra'"
    ),
    "name of another file": Fault(JIRA, "name: jira", "name: jra", "name: jra", "name", "does not match the file's"),
    "unknown signature": Fault(
        JIRA, "signature: x-hub-signature", "signature: sha1", "signature", "signature", "'hmac-timestamp' or"
    ),
    "answers in the clear": Fault(
        JIRA, "answers: https://", "answers: http://", "answers", "answers", "should match pattern"
    ),
    "answers with a password": Fault(
        JIRA, "answers: https://", "answers: https://me:pass@", "answers", "answers", "should match pattern"
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_the_one_problem_named(copy: CatalogCopy, fault: Fault) -> None:
    assert_planted(copy, fault)


def test_a_catalog_needs_no_webhooks(copy: CatalogCopy) -> None:
    shutil.rmtree(copy.directory / "webhooks")
    assert load_catalog(copy.directory).webhooks == {}


def test_an_address_on_this_machine_needs_no_tls(copy: CatalogCopy) -> None:
    copy.replace(JIRA, "https://automation.atlassian.com", "http://127.0.0.1:8080")
    assert load_catalog(copy.directory).webhooks["jira"].answers.startswith("http://127.0.0.1:8080/")


def test_a_catalog_without_ticket_systems_has_no_webhooks_of_theirs(copy: CatalogCopy) -> None:
    path = copy.directory / ORGANIZATION
    kept = [line for line in path.read_text().splitlines(keepends=True) if "service-now" not in line]
    path.write_text("".join(kept))
    (problem,) = copy.problems()
    assert (problem.file, problem.field) == (SERVICENOW, "ticket_system")
