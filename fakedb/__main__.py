"""`python -m fakedb`."""

import sys

from fakedb.cli import main

sys.exit(main())
