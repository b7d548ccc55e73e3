// The Evaluation tests; the first suite replaces this file.
