"""What a build goes through, from what was asked for to one published manifest."""
