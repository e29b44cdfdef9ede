"""The cache: what earlier runs made and learnt, and the keys it is stored under."""
