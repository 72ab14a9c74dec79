"""`python -m vartai`: the command line, also under `torchrun -m vartai`."""

from __future__ import annotations

import sys

from vartai.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
