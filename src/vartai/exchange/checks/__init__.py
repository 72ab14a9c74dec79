"""Random batches on which a graph must say what the model says, before anything is written."""
