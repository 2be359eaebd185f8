"""What moto would answer wrongly without saying so, caught by interceptors at the boundary itself."""

from __future__ import annotations

from werkzeug import Response

from avm_emulator.boundary.call import Call
from avm_emulator.boundary.moto_app import not_implemented

# moto 5.2.5 (s3/responses.py) tells S3 operations by the query parameters that it knows, and takes the rest for the
# plain operation on the bucket or object: DeleteBucketAnalyticsConfiguration deletes the bucket, GetObjectRetention
# returns the object.
_S3_OPERATIONS = """
AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket
DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketOwnershipControls DeleteBucketPolicy
DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjects
DeletePublicAccessBlock GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors GetBucketEncryption
GetBucketInventoryConfiguration GetBucketLifecycle GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging
GetBucketNotification GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy
GetBucketPolicyStatus GetBucketReplication GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl
GetObjectAttributes GetObjectLegalHold GetObjectLockConfiguration GetObjectTagging GetPublicAccessBlock HeadBucket
HeadObject ListBucketInventoryConfigurations ListBuckets ListMultipartUploads ListObjectVersions ListObjects
ListObjectsV2 ListParts PutBucketAccelerateConfiguration PutBucketAcl PutBucketCors PutBucketEncryption
PutBucketInventoryConfiguration PutBucketLifecycle PutBucketLifecycleConfiguration PutBucketLogging
PutBucketNotification PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy
PutBucketReplication PutBucketTagging PutBucketVersioning PutBucketWebsite PutObject PutObjectAcl PutObjectLegalHold
PutObjectLockConfiguration PutObjectRetention PutObjectTagging PutPublicAccessBlock RestoreObject SelectObjectContent
UploadPart UploadPartCopy
"""
S3_OPERATIONS = frozenset(_S3_OPERATIONS.split())
"""The S3 operations that moto tells apart."""


def refuse_confused_s3(call: Call) -> None:
    """Raise AwsError for an S3 operation that moto would take for another (an interceptor)."""
    if call.service == "s3" and call.operation not in S3_OPERATIONS:
        raise not_implemented(call.service, call.operation)


def identify_root(call: Call) -> Response | None:
    """Answer GetCallerIdentity when root asks (an interceptor); moto says ``user/moto``, and is right on all others."""
    if (call.service, call.operation) != ("sts", "GetCallerIdentity") or call.principal.name != "root":
        return None
    return call.answer({"UserId": call.account, "Account": call.account, "Arn": call.principal.arn})
