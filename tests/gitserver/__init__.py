"""A real Git server over HTTPS, for tests and demonstrations."""
