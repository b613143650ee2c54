def both(): pass
