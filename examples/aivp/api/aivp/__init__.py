"""API of aivp, a video platform."""
