"""Run the laws forward together: state, step, run. Knows the model, not the record."""
