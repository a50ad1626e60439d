"""Panels: identity frames of states, pairs and periods, and the columns that can be added."""
