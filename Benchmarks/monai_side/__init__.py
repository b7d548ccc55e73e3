"""The MONAI half of the comparison."""
