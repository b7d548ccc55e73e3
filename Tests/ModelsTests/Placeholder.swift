// The Models tests; the first suite replaces this file.
