"""The catalog's workshop: it lists, shows and plants what the catalog holds, and proves all of it on running products."""
