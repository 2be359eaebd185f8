"""Clients as others have them: signed by keys that are not the emulator's own."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from botocore.config import Config
from moto.iam.models import iam_backends

from avm_emulator.context import Emulator

ONCE = Config(retries={"total_max_attempts": 1})


def client_with(emulator: Emulator, service: str, credentials: dict[str, Any], region: str = "eu-west-1") -> Any:
    """Return a client with credentials in the shape of STS; it makes each call once."""
    return _session().client(
        service,
        region_name=region,
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=ONCE,
    )


def root_client(emulator: Emulator, service: str, account: str | None = None, region: str = "eu-west-1") -> Any:
    """Return a client of the root of an account, by default the management account; it makes each call once."""
    key = iam_backends[account or emulator.management_account_id]["aws"].create_temp_access_key()
    credentials = {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    return client_with(emulator, service, credentials, region)


@functools.cache
def _session() -> Any:
    return boto3.Session()  # each one costs a quarter of a second
