"""Small changes of a ruleset, and whether its cases notice them."""
