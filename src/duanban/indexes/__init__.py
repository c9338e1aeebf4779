"""Package indexes: dated, hashed copies that say what there is of a part on a target, offline."""
