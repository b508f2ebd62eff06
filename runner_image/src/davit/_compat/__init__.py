"""Nautobot's spellings of davit's names, for jobs that were written for Nautobot."""

from davit._compat.finder import install, preload

__all__ = ["install", "preload"]
