"""Propositions, one file each."""
