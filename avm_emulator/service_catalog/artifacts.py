"""Service Catalog's own copies of artifacts: in buckets of its own, marked by a tag that launch roles go by.

Source: admin guide, "AWS Service Catalog Launch Constraints" (s3:ExistingObjectTag/servicecatalog:provisioning); a
message of AWS's that names ``S3://sc-<hash>-<Region>/…``.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from avm_emulator.service_catalog.state import invalid

ARTIFACTS_ACCOUNT = "999988887777"
"""An account of AWS's own."""
_MARK = {"servicecatalog:provisioning": "true"}


def keep(account_id: str, region: str, url: str, key: str) -> str:
    """Copy what is at ``https://BUCKET.s3.REGION.amazonaws.com/KEY``, and return where the copy is.

    Whether the caller may read it is not asked. Raises AwsError where there is nothing.
    """
    parts = urlsplit(url)
    source, path = str(parts.hostname).partition(".s3.")[0], parts.path.lstrip("/")
    partition = get_partition(region)
    owner = s3_backends.bucket_accounts.get(source, (partition, None))[1]
    held = s3_backends[owner][partition].buckets[source].keys.get(path) if owner else None
    if held is None:
        raise invalid(f"There is no artifact at {url}.")
    bucket = f"sc-{hashlib.md5(f'{account_id}'.encode(), usedforsecurity=False).hexdigest()}-{region}"
    backend = s3_backends[ARTIFACTS_ACCOUNT][partition]
    if bucket not in backend.buckets:
        backend.create_bucket(bucket, region)
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account_id}:root"},
            "Action": "s3:GetObject",
            "Resource": f"arn:{partition}:s3:::{bucket}/*",
        }
        backend.put_bucket_policy(bucket, json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode())
    copy = backend.put_object(bucket, f"out/{key}", held.value, disable_notification=True)
    backend.put_object_tagging(copy, _MARK)
    return f"S3://{bucket}/out/{key}"


def text_of(path: str) -> str:
    """Return the text of a copy (``S3://BUCKET/KEY``)."""
    bucket, _, key = path.removeprefix("S3://").partition("/")
    partition = get_partition(bucket.split("-", 2)[2])
    text: bytes = s3_backends[ARTIFACTS_ACCOUNT][partition].buckets[bucket].keys[key].value
    return text.decode()
