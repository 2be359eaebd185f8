"""The one list of properties that are accepted although nothing follows from them here.

(resource type, property) → why. Whatever is neither here nor known to its resource type stops the deployment.
"""

from __future__ import annotations

WITHOUT_EFFECT: dict[tuple[str, str], str] = {
    ("AWS::KMS::Key", "PendingWindowInDays"): "a deployed stack is never deleted, so no key is scheduled for deletion",
    ("AWS::Lambda::LayerVersion", "RetentionPolicy"): "a deployed stack is never updated or deleted",
    ("AWS::Lambda::Function", "RecursiveLoop"): "recursive loops are not detected",
    ("AWS::Lambda::Function", "RuntimeManagementConfig"): "there is one runtime, that of this machine",
    ("AWS::Lambda::Function", "SnapStart"): "execution environments always start cold, which is slower, never faster",
    ("AWS::Events::EventBus", "LogConfig"): "the bus writes no log of its own",
}
