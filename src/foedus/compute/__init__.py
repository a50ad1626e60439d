"""Where and how it runs: array axes, random keys, precision."""
