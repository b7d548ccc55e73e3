// The Torch target; its first file replaces this one.
