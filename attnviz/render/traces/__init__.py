"""Forward passes: found in the store, or computed in a process of their own."""
