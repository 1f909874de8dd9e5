"""Programs that run inside an emulated network, each on its own: they import only what starts fast."""
