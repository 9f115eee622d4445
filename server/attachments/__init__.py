"""Files of readers, and their speech: received, checked, and turned into what the model reads."""
