// The Reporting target; its first file replaces this one.
