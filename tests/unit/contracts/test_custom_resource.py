"""Answers to CloudFormation."""

import json

import pytest

from avm.contracts.custom_resource import MAX_ANSWER_BYTES, ResourceRequest

STACK = "arn:aws:cloudformation:ap-southeast-7:123456789012:stack/SC-123456789012-pp-abcdefghijklm/" + "0" * 36


@pytest.mark.parametrize("text", ["x", '"', "\\", "\n", "ü", "😀", "\x07"])
def test_an_answer_fits_whatever_its_reason_is(text: str) -> None:
    request = ResourceRequest.model_validate(
        {
            "RequestType": "Create",
            "ResponseURL": "https://answers/",
            "StackId": STACK,
            "RequestId": "r" * 256,
            "LogicalResourceId": "l" * 255,
            "PhysicalResourceId": "p" * 1024,
            "ResourceProperties": {},
        }
    )
    outputs = {
        "RequestId": "i" * 64,
        "Follow": "https://api.example.org/".ljust(160, "i"),
    }
    for answer in (request.answer("FAILED", text * 5000), request.answer("SUCCESS", text * 100, outputs)):
        assert len(answer) <= MAX_ANSWER_BYTES
        told = json.loads(answer)
        assert (told["StackId"], told["PhysicalResourceId"]) == (STACK, "p" * 1024)
