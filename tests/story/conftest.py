"""The vendor's SDK as the stories hold it, and a file for it to send."""

import pytest
import pytest_asyncio
from vectorshift.request import async_request_client


@pytest.fixture
def sdk(vectorshift_mock, monkeypatch):
    """The SDK, imported long ago, pointed at this test's world."""
    vectorshift_mock.patch_env(monkeypatch)
    return vectorshift_mock


@pytest_asyncio.fixture
async def asdk(sdk):
    """The same; the session that the SDK keeps for the loop is closed at the end."""
    yield sdk
    await async_request_client.close()


@pytest.fixture
def document(tmp_path):
    """A file to send."""
    path = tmp_path / "a.txt"
    path.write_text("AAAA")
    return path
