"""The games written out a second time as trees, for people and for Gambit, and the check against it."""
