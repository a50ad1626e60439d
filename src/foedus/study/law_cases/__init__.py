"""The record turned into the rows each law is fitted on and forecasts from."""
