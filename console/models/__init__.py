"""What the city is: one module or package a subject, without Qt."""
