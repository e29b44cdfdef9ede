"""Published models, loaded by transformers and recorded by one attention function."""
