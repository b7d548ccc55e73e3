// The TorchNN target; its first file replaces this one.
