"""Every change of state in the shop, a module for each subject."""
