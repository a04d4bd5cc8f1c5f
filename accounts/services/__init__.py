"""Every change of what we know about a customer, a module for each subject."""
