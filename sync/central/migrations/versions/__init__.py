"""The changes, `r0001` first; each names the one before it."""
