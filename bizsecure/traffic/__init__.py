"""How the site is used, in counts that lead to nobody (LOG-1, LOG-2)."""
