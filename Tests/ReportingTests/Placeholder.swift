// The Reporting tests; the first suite replaces this file.
