"""One file a widget; each draws itself from the whole business and knows no other widget."""
