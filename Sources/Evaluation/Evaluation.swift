// The Evaluation target; its first file replaces this one.
