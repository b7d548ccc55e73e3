// The Weights tests; the first suite replaces this file.
