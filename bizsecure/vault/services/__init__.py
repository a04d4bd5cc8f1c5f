"""Every change of a card, a module for each subject; nothing else touches the vault's tables."""
