"""Event files and texts into coded events."""
