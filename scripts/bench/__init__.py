"""Measures how fast lectures are rendered, compared with manim itself; `docs/performance.md` tells how."""
