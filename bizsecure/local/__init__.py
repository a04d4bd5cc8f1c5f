"""What turns a bare machine into a running portal: needs no Django, knows no room."""
