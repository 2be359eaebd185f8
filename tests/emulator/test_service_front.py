"""Operations as functions."""

from __future__ import annotations

import pytest

from avm_emulator.service_front import ServiceFront, serve


def test_a_function_that_is_no_operation_is_named() -> None:
    def make_coffee() -> None:
        """Do what AWS does not offer."""

    class Front(ServiceFront):
        """Has no operations."""

    with pytest.raises(LookupError, match="organizations has no operation make_coffee"):
        serve(Front, "organizations", [make_coffee])
