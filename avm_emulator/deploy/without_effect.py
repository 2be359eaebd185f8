"""The one list of properties that are accepted although nothing follows from them here.

(resource type, property) → why. Whatever is neither here nor known to its resource type stops the deployment.
docs/emulator.md shows the same list.
"""

from __future__ import annotations

WITHOUT_EFFECT: dict[tuple[str, str], str] = {
    ("AWS::DynamoDB::Table", "TableClass"): "it changes the price only",
    ("AWS::Events::EventBus", "LogConfig"): "the bus writes no log of its own",
    ("AWS::KMS::Key", "PendingWindowInDays"): "a deployed stack is never deleted, so no key waits for its deletion",
    ("AWS::KMS::Key", "RotationPeriodInDays"): "rotation is switched on or off, but no key material rotates",
    ("AWS::Lambda::Function", "RecursiveLoop"): "recursive loops are not detected",
    ("AWS::Lambda::Function", "RuntimeManagementConfig"): "there is one runtime, that of this machine",
    ("AWS::Lambda::Function", "SnapStart"): "execution environments always start cold",
    ("AWS::Logs::LogGroup", "LogGroupClass"): "every log group is of the standard class, which can do more",
    ("AWS::SNS::Topic", "SignatureVersion"): "messages are signed with version 2",
    ("AWS::SNS::Topic", "TracingConfig"): "there are no traces",
    ("AWS::SQS::Queue", "RedriveAllowPolicy"): "any queue may use any other one for its dead letters",
}
