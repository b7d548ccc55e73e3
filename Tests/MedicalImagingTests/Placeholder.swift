// The MedicalImaging tests; the first suite replaces this file.
