"""`python -m asl`: see `asl.cli`."""

import sys

from asl.cli.main import main

sys.exit(main())
