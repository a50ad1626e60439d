"""Results to tables, figures and the HTML brief; formats, never computes."""
