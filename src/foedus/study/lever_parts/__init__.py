"""Designs that ask the record what levers do."""
