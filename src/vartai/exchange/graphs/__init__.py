"""ONNX graphs, written node by node: layers, models, and one step of either."""
