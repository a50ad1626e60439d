"""What a text claims about alliances, and the rule by which the record answers."""
