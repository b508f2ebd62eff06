"""``kubectl davit``: run jobs, follow their logs, fetch what they made."""
