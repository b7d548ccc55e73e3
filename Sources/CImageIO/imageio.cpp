// The image reading shim; its first file replaces this one.
