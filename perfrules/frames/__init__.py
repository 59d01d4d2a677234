"""Many submissions at once: a frame or a file of rows in, the same rows with their scores out."""
