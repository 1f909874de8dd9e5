"""What the attributes panel is built from: fields, rows, folding sections; they show values and tell wishes."""
