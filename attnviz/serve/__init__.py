"""A page on this machine: a sentence in, a clip out, made by processes that have everything loaded."""
