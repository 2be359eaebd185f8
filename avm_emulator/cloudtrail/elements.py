"""Parameters and answers as CloudTrail writes them: lower camel case, no secrets, no contents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

# Which members are secret is botocore's knowledge (trait ``sensitive``). How they are hidden: user guides of AWS
# Organizations and of IAM Identity Center, samples of log file entries.
_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_HIDDEN_BY = {"organizations": "****"}

# S3 writes its members as its XML does, but for what says which resource is meant.
_AS_IN_XML = ("s3", "s3control")
_PARAMETERS_OF_S3 = {"Bucket": "bucketName", "Key": "key", "AccountId": "accountId"}


def written(values: Mapping[str, Any], shape: Shape | None, service: str) -> dict[str, Any] | None:
    """Return a request or an answer as CloudTrail writes it; None when there is nothing in it.

    Args:
        values: members by name, as boto3 names them.
        shape: their structure in botocore's model.
        service: boto3 client name.
    """
    if shape is None:
        return None
    result: dict[str, Any] = _written(values, shape, service)
    if service in _AS_IN_XML:
        result = {_PARAMETERS_OF_S3.get(name, name): value for name, value in result.items()}
    return result or None


def written_time(seconds: float) -> str:
    """Return AWS epoch seconds as CloudTrail writes times in parameters: ``Sep 16, 2020 9:20:54 PM``."""
    time = datetime.fromtimestamp(seconds, UTC)
    return f"{time:%b} {time.day}, {time.year} {int(time.strftime('%I'))}:{time:%M:%S %p}"


def _written(value: Any, shape: Any, service: str) -> Any:
    if shape.metadata.get("sensitive"):
        return _HIDDEN_BY.get(service, _HIDDEN)
    # a document is any JSON: identitystore's AttributeValue is a string
    if shape.type_name == "structure" and not shape.is_document_type:
        return {
            _name(name, service): _written(member, shape.members[name], service)
            for name, member in value.items()
            # Contents (code, documents, streams) are left out.
            if name in shape.members and member is not None and shape.members[name].type_name != "blob"
        }
    if shape.type_name == "list":
        return [_written(member, shape.member, service) for member in value]
    if shape.type_name == "map":
        return {key: _written(member, shape.value, service) for key, member in value.items()}
    if isinstance(value, datetime):
        return written_time(value.timestamp())
    return value


def _name(name: str, service: str) -> str:
    return name if service in _AS_IN_XML else name[:1].lower() + name[1:]
