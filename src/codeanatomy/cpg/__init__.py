"""Source files to graph tables: evidence, entities, relations, a gate and a commit."""
