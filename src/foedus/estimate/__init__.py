"""Panel and model to a posterior: labelled parameter draws with diagnostics."""
