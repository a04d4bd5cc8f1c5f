"""The adapters to partners. Each wants a grant of the register before it says a word."""
