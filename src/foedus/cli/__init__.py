"""The command line. Linear algebra has one thread, so that no result depends on how many there are.

On small problems several threads also spend their time waiting for each other.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
