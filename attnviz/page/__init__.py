"""The lecture page: a folder with the film, in which every number on screen can be pointed at."""
