"""What happened: sources turned into dated, sourced tables, read through DuckDB over Parquet."""
