"""A suite that needs no server."""


def test_nothing() -> None:
    """Nothing happens."""
