"""alternate-contacts."""

from __future__ import annotations

import json
from typing import Any

from avm.controls.alternate_contacts import AlternateContactsSet
from avm.domain.account_request import Contacts
from tests.unit.controls.conftest import Place

CONTROL = AlternateContactsSet()
ASKED = {"name": "Max Muster", "title": "Head", "email": "max@example.com", "phone": "+49 (0)30 1234"}
REQUEST = {"contacts": {"security": ASKED}}


def shown(place: Place, kind: str) -> dict[str, Any]:
    answer = place.member().client("account").get_alternate_contact(AlternateContactType=kind)["AlternateContact"]
    return {
        "name": answer["Name"],
        "title": answer["Title"],
        "email": answer["EmailAddress"],
        "phone": answer["PhoneNumber"],
    }


def test_the_contacts_of_the_request_go_before_those_of_the_catalog(place: Place) -> None:
    target = place.target(request=REQUEST)
    changes = CONTROL.enforce(target, place)
    assert [change.resource for change in changes] == ["BILLING", "OPERATIONS", "SECURITY"]
    of_catalog = place.catalog.organization.contacts
    assert shown(place, "SECURITY") == ASKED
    assert of_catalog.billing is not None
    assert shown(place, "BILLING") == of_catalog.billing.model_dump()


def test_a_contact_that_somebody_has_changed_is_named_by_its_fields_alone(place: Place) -> None:
    target = place.target(request=REQUEST)
    CONTROL.enforce(target, place)
    place.member().client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name=ASKED["name"],
        Title="Intern",
        EmailAddress="intern@example.org",
        PhoneNumber=ASKED["phone"],
    )
    found = CONTROL.observe(target, place)
    assert found.status == "violated"
    assert found.evidence["GetAlternateContact"] == {
        "BILLING": "as wanted",
        "OPERATIONS": "as wanted",
        "SECURITY": "differs in title, email",
    }
    assert "@" not in json.dumps(found.evidence)
    (change,) = CONTROL.enforce(target, place)
    assert (change.operation, change.resource) == ("PutAlternateContact", "SECURITY")
    assert CONTROL.observe(target, place).status == "compliant"


def test_a_contact_that_is_not_there_is_said(place: Place) -> None:
    found = CONTROL.observe(place.target(), place)
    assert found.evidence["GetAlternateContact"]["SECURITY"] == "there is none"


def test_a_kind_that_nobody_names_is_left_alone(place: Place) -> None:
    organization = place.catalog.organization
    contacts = Contacts(security=organization.contacts.security)
    settings = organization.model_copy(update={"contacts": contacts})
    place.catalog = place.catalog.model_copy(update={"organization": settings})
    found = CONTROL.observe(place.target(), place)
    assert set(found.evidence["GetAlternateContact"]) == {"SECURITY"}
    assert [change.resource for change in CONTROL.enforce(place.target(), place)] == ["SECURITY"]


def test_neither_trusted_access_nor_the_management_account_is_needed(place: Place) -> None:
    services = place.emulator.clients.client("organizations").list_aws_service_access_for_organization()
    assert "account.amazonaws.com" not in {each["ServicePrincipal"] for each in services["EnabledServicePrincipals"]}
    CONTROL.enforce(place.target(), place)
    assert CONTROL.observe(place.target(), place).status == "compliant"
