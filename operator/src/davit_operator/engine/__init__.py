"""Machinery that knows nothing of jobs: work queue, cache, workers."""
