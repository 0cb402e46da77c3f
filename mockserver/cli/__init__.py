"""The command line: turns words into settings, and answers into lines. It knows no rule."""
