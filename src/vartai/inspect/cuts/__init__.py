"""How the model of each task is cut at its recurrent layers; `vartai.inspect.cut` chooses."""
