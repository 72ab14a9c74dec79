"""The public face: estimators that follow scikit-learn's conventions."""
