"""Every change of what the company may do, a module for each subject."""
