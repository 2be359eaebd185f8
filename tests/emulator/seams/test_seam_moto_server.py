"""moto's server application behind the boundary."""

from __future__ import annotations

import io
from typing import Any

import pytest
from moto.backends import list_of_moto_modules
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sts.responses import TokenResponse
from werkzeug import Response
from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import EnvironBuilder


def answer(dispatcher: DomainDispatcherApplication, **values: Any) -> Response:
    values.setdefault("headers", {}).setdefault(
        "Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sts/aws4_request, "
    )
    environ = EnvironBuilder(base_url="http://127.0.0.1:4000", method="POST", **values).get_environ()
    return Response.from_app(dispatcher, environ, buffered=True)


@pytest.fixture
def dispatcher() -> DomainDispatcherApplication:
    return DomainDispatcherApplication(create_backend_app)


def test_a_backend_is_found_by_its_name_or_by_a_pattern_of_its_host(dispatcher: DomainDispatcherApplication) -> None:
    assert "sts" in list_of_moto_modules()
    assert dispatcher.get_backend_for_host("sts") == "sts"
    patterns = dispatcher.backend_url_patterns
    assert "ssoadmin" in [name for name, pattern in patterns if pattern.match("http://sso.eu-west-1.amazonaws.com")]


def test_the_service_is_inferred_from_the_signature(dispatcher: DomainDispatcherApplication) -> None:
    environ = {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/kms/aws4_request, "}
    assert dispatcher.infer_service_region_host(environ, "/") == "kms.eu-west-1.amazonaws.com"
    assert dispatcher.infer_service_region_host({"wsgi.input": io.BytesIO()}, "/") is None


def test_the_account_may_be_told_by_a_header(dispatcher: DomainDispatcherApplication) -> None:
    form = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    response = answer(dispatcher, data=form, headers={"X-Moto-Account-Id": "210987654321"})
    assert "<Account>210987654321</Account>" in response.get_data(as_text=True)


@pytest.mark.parametrize("error", [KeyError("k"), NotImplementedError("n")])
def test_exceptions_pass_through_motos_application(
    dispatcher: DomainDispatcherApplication, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_self: object) -> None:
        raise error

    monkeypatch.setattr(TokenResponse, "get_caller_identity", fail)
    with pytest.raises(type(error)):
        answer(dispatcher, data={"Action": "GetCallerIdentity", "Version": "2011-06-15"})


def test_an_operation_without_a_method_is_not_implemented(dispatcher: DomainDispatcherApplication) -> None:
    with pytest.raises(NotImplementedError):
        answer(dispatcher, data={"Action": "GetWebIdentityToken", "Version": "2011-06-15"})


def test_a_path_without_a_route_is_flasks_own_page(dispatcher: DomainDispatcherApplication) -> None:
    authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/securityhub/aws4_request, "
    response = answer(dispatcher, path="/findingsv2", headers={"Authorization": authorization})
    assert response.status_code == 404
    assert response.data.startswith(b"<!doctype html>")


def test_the_request_handler_is_werkzeugs() -> None:
    assert issubclass(MotoRequestHandler, WSGIRequestHandler)
    assert {"make_environ"} <= vars(MotoRequestHandler).keys()
    assert {"make_environ", "run_wsgi"} <= vars(WSGIRequestHandler).keys()


def test_all_state_can_be_forgotten() -> None:
    from moto.sqs.models import sqs_backends  # noqa: PLC0415  loads the service

    sqs_backends["123456789012"]["eu-west-1"].create_queue("q", {})
    BackendDict.reset()
    reset_model_data()
    assert not sqs_backends["123456789012"]["eu-west-1"].queues
