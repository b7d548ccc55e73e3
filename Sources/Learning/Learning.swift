// The Learning target; its first file replaces this one.
