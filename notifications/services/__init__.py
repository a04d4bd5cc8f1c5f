"""Every change of what is said, a module for each subject."""
