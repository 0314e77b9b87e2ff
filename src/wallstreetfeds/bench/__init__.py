"""What `wsf bench` runs: gas, next to contracts that do the same job elsewhere."""
