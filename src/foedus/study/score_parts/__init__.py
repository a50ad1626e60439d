"""The questions of each forecasting task: its rows, its forecasters, its prediction file."""
