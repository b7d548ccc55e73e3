// The Segmentation tests; the first suite replaces this file.
