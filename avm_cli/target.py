"""Which API the command talks to, and as whom: ``AVM_API_URL`` and the usual AWS environment (profiles included)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from avm_cli.errors import BadInput

# ID.execute-api.REGION.amazonaws.com, and behind a VPC endpoint alike: an API takes signatures of its own Region only
_API_GATEWAY_HOST = re.compile(r"\.execute-api\.([a-z0-9-]+)\.")
_LOCAL_HINT = 'For the emulator on this machine: eval "$(avm local env)"'


@dataclass(frozen=True)
class Target:
    """One vending API and the identity that calls it."""

    url: str
    """Base URL without ``/v1`` and without a slash at its end."""
    region: str
    credentials: Credentials

    @property
    def is_loopback(self) -> bool:
        """Tell whether the API is on this machine, where no proxy may stand in between."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "localhost", "::1"}


def target_from_environment(environ: Mapping[str, str] = os.environ) -> Target:
    """Return the target that the environment names.

    Raises BadInput with everything that is missing.
    """
    url = environ.get("AVM_API_URL", "").strip().rstrip("/").removesuffix("/v1")
    missing = [] if url else ["AVM_API_URL (the API's base URL) is not set"]
    if url:
        _check_url(url)
    session = Session()
    try:
        credentials = session.get_credentials()
        region = _region(url, environ, session)
    except BotoCoreError as error:
        raise BadInput(f"The AWS environment cannot be used: {error}", _LOCAL_HINT) from error
    if credentials is None:
        missing.append("there are no AWS credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)")
    if url and not region:
        missing.append("there is no Region (AWS_REGION)")
    if missing or credentials is None or region is None:
        raise BadInput(f"The target is not complete: {'; '.join(missing)}.", _LOCAL_HINT)
    return Target(url, region, credentials)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(f"AVM_API_URL is not a URL: {url!r}.", "Give it as https://ID.execute-api.REGION.amazonaws.com")


def _region(url: str, environ: Mapping[str, str], session: Session) -> str | None:
    found = _API_GATEWAY_HOST.search(urlsplit(url).hostname or "")
    # botocore itself reads AWS_DEFAULT_REGION only; every other AWS tool gives AWS_REGION precedence
    return found[1] if found else environ.get("AWS_REGION") or session.get_config_variable("region")
