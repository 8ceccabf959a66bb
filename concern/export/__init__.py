"""`concern export`: a run's turns, as trainers and viewers of other houses read them. The journal stays what is true."""
