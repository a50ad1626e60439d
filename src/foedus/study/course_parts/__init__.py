"""Sections of the brief about a course of action."""
