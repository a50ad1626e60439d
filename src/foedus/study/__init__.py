"""One file per question a user asks; the only place where stages are joined."""
