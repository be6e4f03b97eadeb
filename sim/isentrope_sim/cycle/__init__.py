"""The refrigeration cycle: the components joined into one circuit, stepped through time or solved at rest."""
