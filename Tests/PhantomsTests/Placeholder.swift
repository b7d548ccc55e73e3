// The Phantoms tests; the first suite replaces this file.
