// The Preprocessing target; its first file replaces this one.
