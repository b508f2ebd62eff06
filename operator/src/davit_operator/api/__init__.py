"""The words of our API: models, conditions, names, CRDs."""
