// The Weights target; its first file replaces this one.
