"""attnviz: lecture videos about attention whose every number comes from a real forward pass."""

__version__ = "0.2.0"
