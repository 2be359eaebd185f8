from __future__ import annotations

import botocore.session
import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from avm_emulator import service_errors

SERVICES = (
    *("account", "cloudformation", "cloudtrail", "config", "dynamodb", "ec2", "events", "guardduty", "iam"),
    *("identitystore", "kms", "lambda", "logs", "organizations", "s3", "s3control", "securityhub", "sns", "sqs"),
    *("ssm", "sso-admin", "stepfunctions", "sts"),
)
RETRIED_CODES = vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]
RETRIED_STATUS = vars(TransientRetryableChecker)["_TRANSIENT_STATUS_CODES"]


@pytest.mark.parametrize("service", SERVICES)
def test_sdks_repeat_a_throttled_call_and_one_that_failed_inside_of_every_operation(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    for operation in map(model.operation_model, model.operation_names):
        assert service_errors.throttled(operation).code in RETRIED_CODES
        assert service_errors.internal_error(operation).status in RETRIED_STATUS


def test_a_model_comes_before_the_protocol() -> None:
    session = botocore.session.get_session()

    def throttled(service: str, operation: str) -> str:
        return service_errors.throttled(session.get_service_model(service).operation_model(operation)).code

    assert throttled("organizations", "CreateAccount") == "TooManyRequestsException"
    assert throttled("events", "PutEvents") == "ThrottlingException"  # of the service: the operation names none
    assert throttled("securityhub", "CreateMembers") == "LimitExceededException"
    assert throttled("cloudformation", "CreateStack") == "Throttling"  # its LimitExceededException is a quota
