// The Preprocessing tests; the first suite replaces this file.
