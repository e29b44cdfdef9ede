"""Training: a configuration and a grammar or a text become a model, which is measured."""
