"""Fixtures shared by the studies."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def _small_chunks():
    """Let the few draws of a test fill their chunk: a run pads its last one to the full size."""
    from foedus.simulate import ensemble

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "CHUNK", 128)
        yield
