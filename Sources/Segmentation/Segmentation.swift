// The Segmentation target; its first file replaces this one.
