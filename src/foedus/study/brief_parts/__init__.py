"""Parts of a brief: each collects the tables of one section from record and measures."""
