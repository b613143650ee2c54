"""What files of a store mean to each other: modules, imports, exports, bases, star imports."""
