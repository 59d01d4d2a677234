"""What is kept of evaluations, and how two of them differ: records, ledgers, comparisons, what if."""
