"""Parts of the outlook: disputes by pair, arena series, military spending."""
