"""Record to panels and measures that need no parameters."""
