"""One layer and one head of a model with layers, under a blackboard's names, its words in a plane."""
