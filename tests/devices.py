"""The fixture `device`: the stand-in for CuPy, and CuPy itself where there is one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from autograd import BackendError, backend
from tests import standin

GPU = [pytest.param("gpu", marks=pytest.mark.gpu)] if importlib.util.find_spec("cupy") else []


@pytest.fixture(scope="module", params=["standin", *GPU])
def device(request: pytest.FixtureRequest) -> Iterator[str]:
    """A device to run on; standin.copies counts only there where it is the stand-in."""
    if request.param == "gpu":
        require_gpu()
    with standin.installed() if request.param == "standin" else nullcontext():
        yield request.param


def require_gpu() -> None:
    """Skips the test, saying why, where CuPy does not work."""
    try:
        backend.cupy()
    except BackendError as error:
        pytest.skip(str(error))
