"""Programs that make what the package ships; never imported by the package itself."""
