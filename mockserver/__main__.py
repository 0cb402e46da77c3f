"""`python -m mockserver` and the script `mockserver`: the one place that touches argv, the environment and stdout."""

from __future__ import annotations

import os
import sys

from mockserver.cli.main import main


def run() -> None:
    """Run the command line and leave with its exit code."""
    code = main(sys.argv[1:], os.environ, sys.stdout)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader left. Python would try again at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    run()
