"""The target: AVM_API_URL and the usual AWS environment."""

import os
from pathlib import Path

import pytest

from avm_cli.errors import BadInput
from avm_cli.target import target_from_environment

GATEWAY = "https://abc123.execute-api.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (GATEWAY, GATEWAY),
        (f"{GATEWAY}/", GATEWAY),
        (f"{GATEWAY}/v1", GATEWAY),
        (f" {GATEWAY}/v1/ ", GATEWAY),
        ("http://127.0.0.1:8450/apis/v1x", "http://127.0.0.1:8450/apis/v1x"),
    ],
)
def test_the_url_is_taken_with_or_without_its_stage(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    monkeypatch.setenv("AVM_API_URL", given)
    assert target_from_environment().url == url


@pytest.mark.parametrize(
    ("url", "aws_region", "region"),
    [
        (GATEWAY, "us-east-1", "eu-west-1"),
        ("https://abc-vpce-1.execute-api.eu-north-1.vpce.amazonaws.com", None, "eu-north-1"),
        ("https://vending.example.com", "us-east-1", "us-east-1"),
        ("https://vending.example.com", None, "eu-central-1"),
    ],
)
def test_the_region_is_that_of_the_api(
    monkeypatch: pytest.MonkeyPatch, url: str, aws_region: str | None, region: str
) -> None:
    monkeypatch.setenv("AVM_API_URL", url)
    if aws_region:
        monkeypatch.setenv("AWS_REGION", aws_region)
    assert target_from_environment().region == region


def test_a_profile_gives_credentials_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    profile = "[profile ops]\nregion = eu-south-1\naws_access_key_id = AKIDOPS\naws_secret_access_key = s\n"
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(profile)
    monkeypatch.setenv("AWS_PROFILE", "ops")
    monkeypatch.setenv("AVM_API_URL", "https://vending.example.com")
    target = target_from_environment()
    assert (target.region, target.credentials.access_key) == ("eu-south-1", "AKIDOPS")


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    with pytest.raises(BadInput, match=r"AVM_API_URL.*no AWS credentials") as raised:
        target_from_environment()
    assert raised.value.hint == 'For the emulator on this machine: eval "$(avm local env)"'
    monkeypatch.setenv("AVM_API_URL", "https://vending.example.com")
    with pytest.raises(BadInput, match=r"no AWS credentials.*no Region"):
        target_from_environment()


@pytest.mark.parametrize("url", ["vending.example.com", "ftp://x", "https://", "http://[::1", "http://x:99999"])
def test_something_that_is_no_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AVM_API_URL", url)
    with pytest.raises(BadInput, match="AVM_API_URL is not a URL"):
        target_from_environment()


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVM_API_URL", GATEWAY)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(BadInput, match="nobody"):
        target_from_environment()
