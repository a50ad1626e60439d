"""Ratios against peers and bounds, each taken in one run."""
