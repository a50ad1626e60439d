"""Forecasts against what happened: proper scores, simple rivals, rolling origins."""
