"""The API client: what it signs, what it tries again, and what its errors say."""

import json
import socket
import threading
from pathlib import Path

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import UnauthorizedSSOTokenError

from avm_cli.api import ApiError, VendingApi
from avm_cli.errors import CliError
from avm_cli.target import Target
from tests.cli.fakes import Answer, FakeApi, FakeClock, RequestBuilder


@pytest.fixture
def client(api: FakeApi, clock: FakeClock) -> VendingApi:
    return VendingApi(target(api.url), sleep=clock.sleep)


def target(url: str) -> Target:
    return Target(url, "eu-central-1", Credentials("AKIDEXAMPLE", "secret/key", "token=="))


def test_the_query_is_signed_as_it_is_sent(api: FakeApi, client: VendingApi) -> None:
    api.script((200, {"items": [], "cursor": None}))
    client.list_requests({"owner": "a+b c@example.com", "type": None, "cursor": "x/y==&z~", "limit": 5})
    assert api.calls[0].query == {"owner": "a+b c@example.com", "cursor": "x/y==&z~", "limit": "5"}


def test_an_id_cannot_leave_its_place_in_the_path(api: FakeApi, client: VendingApi) -> None:
    api.script((404, {"code": "RequestNotFound", "detail": "no such request", "status": 404}))
    with pytest.raises(ApiError, match="RequestNotFound"):
        client.get_request("../accounts?x=1")
    assert api.calls[0].path == "/v1/requests/../accounts?x=1"
    assert api.calls[0].query == {}


def test_a_netrc_entry_does_not_replace_the_signature(
    api: FakeApi, client: VendingApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_object: RequestBuilder
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client._http.trust_env = True  # as for an API that is not on this machine
    api.script((200, request_object()))
    assert client.get_request("RITM0012345")["status"] == "READY"


def test_a_proxy_is_not_asked_for_this_machine(
    api: FakeApi, client: VendingApi, monkeypatch: pytest.MonkeyPatch, request_object: RequestBuilder
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    api.script((200, request_object()))
    assert client.get_request("RITM0012345")["status"] == "READY"


def test_retry_after_is_honoured_and_bounded(
    api: FakeApi, client: VendingApi, clock: FakeClock, request_object: RequestBuilder
) -> None:
    api.script((429, {}, {"Retry-After": "7"}), (429, {}, {"Retry-After": "86400"}), (200, request_object()))
    client.get_request("RITM0012345")
    assert clock.sleeps == [7.0, 60.0]


def test_server_errors_are_tried_again_with_growing_pauses_and_then_told(
    api: FakeApi, client: VendingApi, clock: FakeClock
) -> None:
    api.script((500, {"message": "Internal server error"}))
    with pytest.raises(ApiError, match=r"HTTP 500: Internal server error \(API request aws-request-1\)") as raised:
        client.get_request("RITM0012345")
    assert raised.value.exit_code == 1
    assert clock.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_refusal_is_not_tried_again(api: FakeApi, client: VendingApi, clock: FakeClock) -> None:
    api.script((404, {"code": "RequestNotFound", "detail": "no such request"}))
    with pytest.raises(ApiError):
        client.get_request("x")
    assert clock.sleeps == []


def test_refused_credentials_are_explained(api: FakeApi, client: VendingApi) -> None:
    api.script((403, {"message": "The security token included in the request is expired"}))
    with pytest.raises(
        ApiError, match=r"does not accept these credentials.*token included in the request is expired"
    ) as raised:
        client.get_request("x")
    assert raised.value.exit_code == 1
    assert "aws sts get-caller-identity" in str(raised.value.hint)


def test_a_session_token_that_comes_back_in_an_answer_is_not_shown(api: FakeApi, client: VendingApi) -> None:
    api.script((403, {"message": "The request signature does not match.\n\nx-amz-security-token:IQoJb3JpZ2lu"}))
    with pytest.raises(ApiError, match=r"The request signature does not match\.") as raised:
        client.get_request("x")
    assert "IQoJb3JpZ2lu" not in str(raised.value)


def test_a_refusal_by_the_application_keeps_its_own_hint(api: FakeApi, client: VendingApi) -> None:
    api.script((403, {"code": "NotYours", "detail": "not your request", "hint": "Ask its owner."}))
    with pytest.raises(ApiError, match=r"^NotYours: not your request") as raised:
        client.get_request("x")
    assert raised.value.hint == "Ask its owner."


def test_an_address_where_nothing_listens_is_told_at_once(clock: FakeClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = VendingApi(target(f"http://127.0.0.1:{unused.getsockname()[1]}"), sleep=clock.sleep)
        with pytest.raises(CliError, match=r"Nothing answers at http://127\.0\.0\.1") as raised:
            client.get_request("x")
    assert "avm local up" in str(raised.value.hint)
    assert "AVM_API_URL" in str(raised.value.hint)
    assert clock.sleeps == []


def test_a_connection_that_breaks_off_is_tried_again(clock: FakeClock, request_object: RequestBuilder) -> None:
    body = json.dumps(request_object()).encode()
    answers = [b"", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)]

    def serve() -> None:
        for answer in answers:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        client = VendingApi(target(f"http://127.0.0.1:{server.getsockname()[1]}"), sleep=clock.sleep)
        assert client.get_request("RITM0012345")["status"] == "READY"
        thread.join()
    assert clock.sleeps == [0.5]


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>Welcome</html>"),
        (200, ["a list"]),
        (200, {"hello": "world"}),
        (302, {}, {"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_an_answer_of_something_else_is_not_taken_for_the_api(api: FakeApi, client: VendingApi, answer: Answer) -> None:
    api.script(answer)
    with pytest.raises(CliError, match="not the vending API"):
        client.get_request("x")


def test_expired_credentials_are_told_without_a_stack_trace(api: FakeApi) -> None:
    class Expired(Credentials):
        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            raise UnauthorizedSSOTokenError

    client = VendingApi(Target(api.url, "eu-central-1", Expired("AKIDEXAMPLE", "secret/key")))
    with pytest.raises(CliError, match=r"credentials cannot be used: .*SSO"):
        client.get_request("x")
