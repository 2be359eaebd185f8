"""The emulator's own clients."""

from pathlib import Path

import pytest

from avm_emulator.clients import ACCESS_KEY_ID, Clients
from avm_emulator.clock import Clock


def test_the_settings_of_whoever_starts_it_are_not_the_emulators(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile x]\nregion = ap-south-1\nendpoint_url = http://127.0.0.1:1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(config))
    for profile in ("x", "nobody"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        clock = Clock()
        client = Clients("http://127.0.0.1:9", "eu-west-1", "123456789012", clock).client("sts")
        clock.close()
        assert client.meta.region_name == "eu-west-1"
        assert client.meta.endpoint_url == "http://127.0.0.1:9"
        assert client._request_signer._credentials.access_key == ACCESS_KEY_ID
