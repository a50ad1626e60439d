"""Measurement equations: how latent closeness and tension show in indicators."""
