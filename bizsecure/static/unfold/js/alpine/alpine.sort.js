// Stands in front of the theme's file of this name: no list of ours is put in order by dragging.
