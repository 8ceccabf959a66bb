"""The composition root: the command, the world builder, the embedded supervisor and the client for trainers."""
