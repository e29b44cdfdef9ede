"""The stage room: what scenes are written with. Manim; takes labelled arrays, never a model."""
