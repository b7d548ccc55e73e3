// The LibTorch shim; its first file replaces this one.
