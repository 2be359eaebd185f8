"""TakeWebhook: what a ticketing system sends, and has signed, becomes a request as a posted one does.

Nobody has verified the caller before: until the signature is found to be the source's, nothing of the body is looked
at, and an unknown source is told what a wrong signature is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from avm.aws.deliveries import KnownDelivery
from avm.contracts.json_document import check_size, json_document, not_json
from avm.contracts.webhook import WebhookAnswer, delivery_of
from avm.domain.account_request import TICKETING, Requester
from avm.domain.errors import RequestConflict, SignatureInvalid
from avm.domain.signature import check, claim_of
from avm.steps.accept_request import accept_request
from avm.steps.gateways import Gateways


def take_webhook(name: str, body: bytes, headers: Mapping[str, str], *, now: str, gateways: Gateways) -> WebhookAnswer:
    """Accept what source ``name`` sends as a request; what came before gets the answer that it got then.

    ``now``: ISO 8601, of the trigger. Raises SignatureInvalid, RequestTooLarge, InvalidRequest, RequestConflict,
    NameTaken, EmailTaken.
    """
    check_size(body)
    source = gateways.catalog.webhooks.get(name)
    if source is None:
        raise SignatureInvalid("the signature is not the source's")
    # signatures are about real time, whatever time it is for the machine
    content, claimed = claim_of(source, headers, body, gateways.real_time())
    check(content, claimed, gateways.webhook_secrets.valid(name))
    delivery = delivery_of(source, _payload(body))
    digest = hashlib.sha256(body).hexdigest()
    known = gateways.deliveries.known(name, delivery.id)
    if known is None:
        accepted = accept_request(
            delivery.body,
            idempotency_key=None,
            requester=Requester(door=TICKETING, principal=name, on_behalf_of=delivery.requested_by),
            now=now,
            # killed before the delivery is kept, it comes again and is still the same request
            new_id=lambda: delivery.own_id,
            gateways=gateways,
        )
        known = KnownDelivery(request_id=accepted.record.request_id, digest=digest, received_at=now)
        gateways.deliveries.keep(name, delivery.id, known)
    elif known.digest != digest:
        raise RequestConflict(f"delivery '{delivery.id}' has come before, with another body")
    return WebhookAnswer(request_id=known.request_id, delivery_id=delivery.id)


def _payload(body: bytes) -> object:
    try:
        return json_document(body.decode())
    except UnicodeDecodeError as error:
        raise not_json("it is not text in UTF-8") from error
