"""Ratios against peers and bounds, each taken in one run; linear algebra as at the command line."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
