"""The model, its prompt and its tools: one turn from the question to the events of its answer."""
