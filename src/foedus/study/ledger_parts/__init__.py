"""Parts of the ledger: its lines, its file, the series asked about, the questions, the rules."""
