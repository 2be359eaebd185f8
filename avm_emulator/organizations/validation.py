"""What the service refuses before it does anything (aws-semantics 1.1; botocore: CreateAccountRequest)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from avm_emulator.organizations.errors import constraint_violation, invalid_input

MAX_TAGS = 50
_PATTERN = "You provided a value that does not match the required pattern."
# "There must be one and only one @ symbol", these characters not in the local name, no leading dot (botocore: Email).
_LOCAL_NAME = re.compile(r"(?!\.)[^\s\"'()<>\[\]:;,\\|%&@]+")
_DOMAIN = re.compile(r"(?![.-])[A-Za-z0-9.-]*\.[A-Za-z0-9.-]*(?<![.-])")
_ACCOUNT_NAME = re.compile(r"[\u0020-\u007E]+")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# INVALID_PATTERN also covers "common cross-site scripting patterns"; AWS does not list them, these are the plain ones.
_SCRIPT = re.compile(r"<\s*[a-z/!]|javascript:|\bon\w+\s*=\s*[\"']", re.IGNORECASE)


def check_email(email: str) -> None:
    """Raise InvalidInputException for an e-mail that no account can have."""
    _check_length(email, 6, 64)
    local_name, at, domain = email.partition("@")
    if not (email.isascii() and at and _LOCAL_NAME.fullmatch(local_name) and _DOMAIN.fullmatch(domain)):
        raise invalid_input("INVALID_PATTERN", _PATTERN)


def check_account_name(name: str) -> None:
    """Raise InvalidInputException for a name that CreateAccount refuses."""
    _check_length(name, 1, 50)
    if not _ACCOUNT_NAME.fullmatch(name) or _SCRIPT.search(name):
        raise invalid_input("INVALID_PATTERN", _PATTERN)


def check_role_name(role_name: str) -> None:
    """Raise InvalidInputException for a name that the access role cannot have."""
    if not _ROLE_NAME.fullmatch(role_name) or role_name.startswith("AWSServiceRoleFor"):
        raise invalid_input(
            "INVALID_ROLE_NAME",
            "You provided a role name that isn't valid. A role name can't begin with the reserved prefix "
            "AWSServiceRoleFor.",
        )


def check_name(name: str) -> None:
    """Raise InvalidInputException for a name that neither an OU nor a policy can have."""
    _check_length(name, 1, 128)
    if _SCRIPT.search(name):
        raise invalid_input("INVALID_PATTERN", _PATTERN)


def check_tags(tags: Sequence[dict[str, str]], existing: dict[str, str] | None = None) -> dict[str, str]:
    """Return tags as key → value, or refuse the whole request because of one of them.

    Raise InvalidInputException, or ConstraintViolationException when there would be more than 50 with ``existing``.
    """
    for tag in tags:
        _check_length(tag["Key"], 1, 128)
        _check_length(tag["Value"], 0, 256)
        if tag["Key"].lower().startswith("aws:"):
            raise invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    checked = {tag["Key"]: tag["Value"] for tag in tags}
    if len(checked) < len(tags):
        raise invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if len(checked.keys() | (existing or {}).keys()) > MAX_TAGS:
        raise constraint_violation(
            "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource."
        )
    return checked


def _check_length(value: str, minimum: int, maximum: int) -> None:
    if len(value) < minimum:
        raise invalid_input("MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed.")
    if len(value) > maximum:
        raise invalid_input("MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed.")
