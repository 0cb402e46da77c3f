"""What every test may use: pytester, ready-made callers of each vendor, and an open world."""

pytest_plugins = ["pytester", "tests.callers", "tests.opened"]
