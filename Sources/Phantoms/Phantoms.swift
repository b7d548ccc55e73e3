// The Phantoms target; its first file replaces this one.
