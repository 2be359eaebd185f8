"""What an account of a type is."""

import pytest

from avm.catalog import load_catalog
from avm.catalog.explanation import explain
from tests.unit.catalog.catalog_copy import SHIPPED, CatalogCopy

ORGANIZATION = "organization.yaml"
SANDBOX = "account_types/sandbox.yaml"


@pytest.mark.parametrize("name", sorted(load_catalog(SHIPPED).account_types))
def test_every_type_is_explained_by_its_file_and_the_rest_of_the_catalog(name: str) -> None:
    catalog = load_catalog(SHIPPED)
    account_type = catalog.account_types[name]
    found = explain(catalog, name)
    assert (found["name"], found["ou"], found["ou_path"]) == (name, account_type.ou, [account_type.ou])
    assert (found["approval"], found["singleton"]) == (account_type.approval, account_type.singleton)
    assert found["permission_sets"] == list(account_type.allowed_permission_sets)
    assert len(found["assignments"]) == len(account_type.assignments)
    assert found["governed_regions"] == ["eu-west-1", "eu-central-1", "us-east-1"]
    assert found["contacts"]["security"]["email"] == "security@example.com"
    assert {control["name"] for control in found["controls"]} == set(account_type.controls)
    assert found["catalog_version"] == catalog.version


def test_scps_of_all_ous_above_count_and_slots_are_those_of_each_target(copy: CatalogCopy) -> None:
    copy.replace(ORGANIZATION, "  Sandbox:\n", "  Labs:\n    scps: [avm-deny-leave]\n  Sandbox:\n    parent: Labs\n")
    copy.replace(SANDBOX, "approval: false", "approval: false\nscps: [avm-deny-root, avm-deny-leave]")
    found = explain(load_catalog(copy.directory), "sandbox")
    assert found["ou_path"] == ["Labs", "Sandbox"]
    assert [(each["target"], each["ou"], len(each["names"]), each["free_slots"]) for each in found["scps"]] == [
        ("ou", "Labs", 1, 8),
        ("ou", "Sandbox", 6, 3),
        ("account", None, 2, 6),
    ]
    assert found["scps"][2]["names"] == ["avm-deny-root", "avm-deny-leave"]


def test_rcps_stand_on_ous_and_have_slots_of_their_own(copy: CatalogCopy) -> None:
    copy.replace(ORGANIZATION, "  Sandbox:\n", "  Labs:\n    rcps: [avm-require-tls]\n  Sandbox:\n    parent: Labs\n")
    found = explain(load_catalog(copy.directory), "sandbox")
    assert found["rcps_per_target"] == 5
    assert [(each["target"], each["ou"], each["names"], each["free_slots"]) for each in found["rcps"]] == [
        ("ou", "Labs", ["avm-require-tls"], 3),
        ("ou", "Sandbox", ["avm-organization-perimeter", "avm-require-tls"], 2),
    ]


def test_packs_of_all_ous_above_judge_with_their_rules(copy: CatalogCopy) -> None:
    above = "  Labs:\n    conformance_packs: [avm-resilience]\n  Sandbox:\n    parent: Labs\n"
    copy.replace(ORGANIZATION, "  Sandbox:\n", above)
    found = explain(load_catalog(copy.directory), "sandbox")["conformance_packs"]
    assert [(each["ou"], each["name"], each["regions"]) for each in found] == [
        ("Labs", "avm-resilience", "governed"),
        ("Sandbox", "avm-identity", "home"),
        ("Sandbox", "avm-exposure", "governed"),
    ]
    assert found[1]["rules"][0] == "root-account-mfa-enabled"


def test_controls_stand_behind_what_they_need_with_the_parameters_that_count(copy: CatalogCopy) -> None:
    given = 'security-hub-member: {standards: ["cis-aws-foundations-benchmark/v/3.0.0"]}'
    copy.replace(SANDBOX, "security-hub-member: {}", given)
    changed = explain(load_catalog(copy.directory), "sandbox")
    names = [control["name"] for control in changed["controls"]]
    for control in changed["controls"]:
        assert all(names.index(need) < names.index(control["name"]) for need in control["needs"])
    (hub,) = (control for control in changed["controls"] if control["name"] == "security-hub-member")
    assert hub["parameters"] == {"standards": ["cis-aws-foundations-benchmark/v/3.0.0"]}
    (hub,) = (
        control
        for control in explain(load_catalog(SHIPPED), "sandbox")["controls"]
        if control["name"] == "security-hub-member"
    )
    assert hub["parameters"] == {"standards": ["aws-foundational-security-best-practices/v/1.0.0"]}
    assert (hub["plane"], hub["scope"], hub["mode"]) == ("security", "region", "enforce")
    assert (hub["needs"], hub["foundation"]) == (["config-recorder"], ["security-account"])
