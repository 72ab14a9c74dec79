"""What each word did to a prediction, and sheets of sentences that differ in one thing."""
