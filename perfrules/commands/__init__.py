"""The commands: one function each, which asks the floors below and hands a view to the face."""
