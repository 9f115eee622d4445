"""What this project is compared with, each a program of its own."""
