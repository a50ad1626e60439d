"""Who, when and in what units: countries, pairs, months, cases, errors."""
