"""How each kind of proposition is put to the record."""
