"""What the command ``davit`` is made of: its words, its screen, a run on this machine."""
