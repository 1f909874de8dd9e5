"""Put a file in the place of another one, for the node that this is started in.

Arguments: the file, and the one whose place it takes.
"""

from __future__ import annotations

import os
import sys

from . import kernel


def main() -> None:
    """Mount the file; mount(8) would only do so for root."""
    source, target = sys.argv[1:]
    try:
        kernel.mount(source, os.path.realpath(target), "", kernel.BIND)
    except OSError as error:
        sys.exit(f"{target} cannot be replaced: {error.strerror}.")
