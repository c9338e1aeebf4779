"""The main job: from an input to a verdict per target, with every finding's reason."""
