// The Learning tests; the first suite replaces this file.
