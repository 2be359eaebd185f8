"""SNS topics to functions: asynchronous invocations with the record that SNS sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.sns.models import Subscription

_publish: Callable[..., None] = Subscription.publish


def install() -> None:
    """Let subscriptions of functions deliver real records; the last call wins."""
    Subscription.publish = publish


def publish(
    self: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    **others: Any,
) -> None:
    """Deliver one message to one subscription of moto's."""
    if self.protocol != "lambda":
        _publish(self, message, message_id, subject=subject, message_attributes=message_attributes, **others)
        return
    # moto sends functions a sample of the documentation in place of the topic, the time and the attributes.
    matcher = self._filter_policy_matcher
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if others.get("message_structure") == "json":
        message = self._parse_message_structure(message, self.protocol)
    post = self.get_post_data(message, message_id, subject, message_attributes=message_attributes)
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": self.arn,
        # The names differ from those of HTTP deliveries in two letters.
        "Sns": {
            "Subject": None,
            "MessageAttributes": {},
            **{name.replace("URL", "Url"): value for name, value in post.items()},
        },
    }
    _, _, _, region, account_id, *_ = self.endpoint.split(":")
    function = lambda_backends[account_id][region].get_function(self.endpoint)
    function.invoke(json.dumps({"Records": [record]}), {"x-amz-invocation-type": "Event"}, {})
