"""One folder a task. Tasks do not import each other; what two need moves down."""
