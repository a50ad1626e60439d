"""The terminal door: commands parse, call one study, and print."""
