"""What a request must fulfil: its form, and what the catalog allows. All problems are found at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from avm.domain.account_request import AccountRequest
from avm.domain.catalog import Catalog
from avm.domain.errors import FieldProblem, InvalidRequest
from avm.domain.field_problems import field_of, reason_of

_HINTS = {
    "name": "1-50 printable ASCII characters without < and >, no space at either end",
    "type": "one of the account types: see GET /v1/account-types",
    "owner": "the e-mail address of the person who answers for the account",
    "cost_center": "as the catalog's pattern says",
    "purpose": "one line of 1-256 characters that says what the account is for",
    "request_id": "1-64 letters, digits, '_' or '-'",
    "email": "6-64 ASCII characters in a domain that the catalog allows, or leave it out to have one made",
    "regions": "a list of Regions that the account type allows",
    "access": "a list of {group or user, permission_set}",
    "budget": "{monthly_usd: an amount above 0}",
    "contacts": "security, billing and operations, each {name, title, email, phone}",
    "tags": "up to 40 tags; keys up to 128, values up to 256 letters, digits, spaces or _ . : / = + - @",
    "ticket": "{system, id}",
}

_FIELD_NAMES = frozenset(AccountRequest.model_fields)
_OWN_TAGS = frozenset({"owner", "cost-center"})


def parse_request(body: object, catalog: Catalog) -> AccountRequest:
    """Return the request that ``body`` (a decoded JSON or YAML document) is.

    Raises InvalidRequest with every problem that can be known without asking AWS.
    """
    if not isinstance(body, Mapping):
        hint = "see the account request in docs/api.md"
        raise InvalidRequest([FieldProblem("", "the request must be a mapping of fields", hint)])
    problems: list[FieldProblem] = []
    request: AccountRequest | None = None
    try:
        request = AccountRequest.model_validate(dict(body))
        sound: Mapping[str, Any] = dict(request)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems += [_problem(entry) for entry in found]
        sound = _sound_fields(body, {str(entry["loc"][0]) for entry in found if entry["loc"]})
    problems += [problem for rule in _RULES for problem in rule(sound, catalog)]
    if request is None or problems:
        raise InvalidRequest(problems)
    return request


def _problem(entry: Mapping[str, Any]) -> FieldProblem:
    top = str(entry["loc"][0]) if entry["loc"] else ""
    hint = _HINTS.get(top, f"the fields are: {', '.join(AccountRequest.model_fields)}")
    return FieldProblem(field_of(entry), reason_of(entry, "an account request"), hint)


def _sound_fields(body: Mapping[Any, Any], broken: set[str]) -> Mapping[str, Any]:
    """Return the parsed values of the fields that are sound by themselves: they are judged all the same."""
    filler = {"name": "x", "type": "x", "owner": "x@example.com", "cost_center": "x", "purpose": "x"}
    good = {name: body[name] for name in body if name in _FIELD_NAMES - broken}
    parsed = dict(AccountRequest.model_validate(filler | good))
    return {name: parsed[name] for name in good}


def _type_known(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    if "type" in sound and sound["type"] not in catalog.account_types:
        hint = f"one of: {', '.join(sorted(catalog.account_types))}"
        yield FieldProblem("type", f"there is no account type '{sound['type']}'", hint)


def _cost_center(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    pattern = catalog.organization.cost_center_pattern
    if "cost_center" in sound and not re.search(pattern, sound["cost_center"]):
        hint = f"the catalog's pattern is {pattern}"
        yield FieldProblem("cost_center", "does not have the form that is asked for", hint)


def _email_domain(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    # Root recovery goes to this address: only domains that the organization owns (design, section 5).
    domains = catalog.organization.email.domains
    if sound.get("email") and sound["email"].rpartition("@")[2].lower() not in domains:
        yield FieldProblem("email", "its domain is not allowed", f"one of: {', '.join(domains)}; or leave it out")


def _regions(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    regions = sound.get("regions") or ()
    known = sound.get("type") in catalog.account_types
    allowed = catalog.regions(sound["type"]) if known else catalog.organization.allowed_regions
    for index, region in enumerate(regions):
        if region not in allowed:
            hint = f"allowed: {', '.join(allowed)}"
            yield FieldProblem(f"regions[{index}]", f"Region {region} is not allowed here", hint)
        elif region in regions[:index]:
            yield FieldProblem(f"regions[{index}]", f"Region {region} is named twice", "name each Region once")


def _access(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    account_type = catalog.account_types.get(sound.get("type", ""))
    allowed = account_type.allowed_permission_sets if account_type else tuple(sorted(catalog.permission_sets))
    for index, access in enumerate(sound.get("access") or ()):
        if access.permission_set not in catalog.permission_sets:
            reason = f"there is no permission set '{access.permission_set}'"
        elif access.permission_set not in allowed:
            reason = f"permission set {access.permission_set} is not given in accounts of this type"
        else:
            continue
        hint = f"one of: {', '.join(allowed)}" if allowed else "leave 'access' out: the type's own assignments are all"
        yield FieldProblem(f"access[{index}].permission_set", reason, hint)


def _tags(sound: Mapping[str, Any], _: Catalog) -> Iterator[FieldProblem]:
    for key in sound.get("tags") or {}:
        if key.lower().startswith(("aws:", "avm:")) or key in _OWN_TAGS:
            yield FieldProblem(f"tags.{key}", "this tag is set by AWS or by this machine", "choose another key")


def _ticket(sound: Mapping[str, Any], catalog: Catalog) -> Iterator[FieldProblem]:
    ticket = sound.get("ticket")
    systems = catalog.organization.ticket_systems
    if ticket and ticket.system not in systems:
        hint = f"one of: {', '.join(sorted(systems))}" if systems else "the catalog has none: leave 'ticket' out"
        yield FieldProblem("ticket.system", f"there is no ticket system '{ticket.system}'", hint)


_RULES: tuple[Callable[[Mapping[str, Any], Catalog], Iterator[FieldProblem]], ...] = (
    _type_known,
    _cost_center,
    _email_domain,
    _regions,
    _access,
    _tags,
    _ticket,
)
