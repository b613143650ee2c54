"""What a build reads: choosing files, reading them, naming their repository."""
