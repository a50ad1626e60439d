"""Courses against each other: differences, what they rest on, robustness. No single score."""
