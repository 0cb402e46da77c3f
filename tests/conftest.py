"""What every test may use: pytester, and ready-made callers of each vendor."""

pytest_plugins = ["pytester", "tests.callers"]
