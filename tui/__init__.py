"""What people watch: the live business and its reward stream, in a terminal."""
