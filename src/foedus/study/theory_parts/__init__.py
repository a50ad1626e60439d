"""Parts of the theory tests: cases from the record, estimators, findings in words."""
