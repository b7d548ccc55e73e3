// The Torch tests; the first suite replaces this file.
