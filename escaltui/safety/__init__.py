"""What comes from outside is made harmless here: text now, exports now, media later."""
