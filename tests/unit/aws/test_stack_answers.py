"""Where answers to CloudFormation may go, and what becomes of them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from avm.aws.stack_answers import StackAnswers
from avm.domain.errors import ServiceUnavailable, StackNotTold

BUCKET = "cloudformation-custom-resource-response"


def answers(endpoint: str = "https://s3.eu-west-1.amazonaws.com", region: str = "eu-west-1") -> StackAnswers:
    s3: Any = SimpleNamespace(meta=SimpleNamespace(endpoint_url=endpoint, region_name=region))
    return StackAnswers(s3)


@pytest.mark.parametrize(
    ("endpoint", "region", "url"),
    [
        ("s3.eu-west-1.amazonaws.com", "eu-west-1", f"{BUCKET}-euwest1.s3-eu-west-1.amazonaws.com/arn%3Aaws?X-Amz=1"),
        ("s3.eu-west-1.amazonaws.com", "eu-west-1", f"{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com/arn"),
        ("s3.eu-west-1.amazonaws.com", "eu-west-1", f"s3.eu-west-1.amazonaws.com/{BUCKET}-euwest1/arn"),
        ("s3.il-central-1.amazonaws.com", "il-central-1", f"{BUCKET}-il-central-1.s3.il-central-1.amazonaws.com/arn"),
        ("s3.us-east-1.amazonaws.com", "us-east-1", f"{BUCKET}-useast1.s3.amazonaws.com/arn"),
        ("s3.amazonaws.com", "us-east-1", f"{BUCKET}-useast1.s3.us-east-1.amazonaws.com/arn"),
        ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1", f"{BUCKET}-cnnorth1.s3.cn-north-1.amazonaws.com.cn/arn"),
    ],
)
def test_cloudformations_own_bucket_of_the_region_is_the_place(*, endpoint: str, region: str, url: str) -> None:
    answers(f"https://{endpoint}", region).check(f"https://{url}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "file:///etc/passwd",
        "https://example.org/",
        "https://169.254.169.254/latest/meta-data",
        f"http://{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com/arn",
        f"https://{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com:8443/arn",
        f"https://{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com:none/arn",
        f"https://somebody@{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com/arn",
        f"https://{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com.example.org/arn",
        f"https://{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com@example.org/arn",
        f"https://x.{BUCKET}-euwest1.s3.eu-west-1.amazonaws.com/arn",
        f"https://{BUCKET}-useast1.s3.us-east-1.amazonaws.com/arn",
        f"https://{BUCKET}-euwest1.s3.amazonaws.com/arn",
        "https://mine.s3.eu-west-1.amazonaws.com/arn",
        f"https://s3.eu-west-1.amazonaws.com/mine/{BUCKET}-euwest1/arn",
        f"https://s3.eu-west-1.amazonaws.com/{BUCKET}-euwest1-mine/arn",
        "https://[::1/arn",
    ],
)
def test_no_other_place_is(url: str) -> None:
    with pytest.raises(StackNotTold, match="not CloudFormation's"):
        answers().check(url)
    with pytest.raises(StackNotTold, match="not CloudFormation's"):
        answers().put(url, b"{}")


class S3(HTTPServer):
    """Answers with one status, and keeps what it gets."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, bytes, str | None]] = []
        s3 = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                s3.got.append((self.path, body, self.headers["Content-Type"]))
                self.send_response(s3.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def s3() -> Iterator[S3]:
    with S3() as s3:
        yield s3
        s3.shutdown()


PATH = f"/{BUCKET}-euwest1/arn%3Aaws%3Acloudformation/1%7CAccount?X-Amz-Signature=0a"


def test_the_very_bytes_are_put_to_the_very_address_without_a_content_type(s3: S3) -> None:
    answers(s3.url).put(f"{s3.url}{PATH}", b'{"Status": "SUCCESS"}')
    assert s3.got == [(PATH, b'{"Status": "SUCCESS"}', "")]


@pytest.mark.parametrize("status", [302, 307, 400, 403, 404])
def test_what_is_not_taken_is_told_and_no_redirection_is_followed(s3: S3, status: int) -> None:
    s3.status = status
    with pytest.raises(StackNotTold, match=str(status)):
        answers(s3.url).put(f"{s3.url}{PATH}", b"{}")
    assert len(s3.got) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_what_may_pass_is_tried_again(s3: S3, status: int) -> None:
    s3.status = status
    with pytest.raises(ServiceUnavailable, match=str(status)):
        answers(s3.url).put(f"{s3.url}{PATH}", b"{}")


def test_who_does_not_answer_is_tried_again() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}"
    with pytest.raises(ServiceUnavailable, match="does not take the answer"):
        answers(url).put(f"{url}{PATH}", b"{}")
