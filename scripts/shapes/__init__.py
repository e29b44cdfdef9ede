"""Published shapes of models: which of them are traced, as their own library computes them, and which are refused."""
