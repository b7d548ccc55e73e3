// The Models target; its first file replaces this one.
