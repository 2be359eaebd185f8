"""The variables that point AWS's SDKs and its command line at an emulator."""

from __future__ import annotations

ENDPOINT = "AWS_ENDPOINT_URL"
S3_CONTROL_ENDPOINT = "AWS_ENDPOINT_URL_S3_CONTROL"


def endpoint_variables(endpoint_url: str) -> dict[str, str]:
    """Return the variables for an emulator that answers at ``endpoint_url``.

    S3 Control puts the account before the host, and no resolver knows ``123456789012.127.0.0.1``. With a user in the
    URL the account comes before the user: ``http://123456789012.account@127.0.0.1``, which is the same host.
    """
    return {ENDPOINT: endpoint_url, S3_CONTROL_ENDPOINT: endpoint_url.replace("://", "://account@", 1)}
