"""What earlier runs have made and learnt, and the keys under which it is kept."""
