// The CommandLine tests; the first suite replaces this file.
