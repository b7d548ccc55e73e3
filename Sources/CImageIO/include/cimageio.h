// Image files through ITK 5 and GDCM, as a C interface: DICOM, NRRD and MetaImage are opened one file at a time, their headers
// looked at, their voxels read as stored.
//
//     CImageIOFileRef file = cimageio_open(path, CIMAGEIO_NRRD);
//     if (!file) { puts(cimageio_last_error()); return; }
//     ... cimageio_size(file, 0) ... cimageio_read(file, buffer, cimageio_byte_count(file)) ...
//     cimageio_close(file);
//
// No function throws. A failure shows in the return value; its message is kept per thread until the next failure. A file may be used by
// one thread at a time.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CImageIOFile *CImageIOFileRef;

typedef enum CImageIOFormat { CIMAGEIO_DICOM = 0, CIMAGEIO_NRRD = 1, CIMAGEIO_METAIMAGE = 2 } CImageIOFormat;

/// How one component of a voxel is stored, after GDCM's rescale for DICOM.
typedef enum CImageIOScalar {
    CIMAGEIO_OTHER = 0,
    CIMAGEIO_UINT8,
    CIMAGEIO_INT8,
    CIMAGEIO_UINT16,
    CIMAGEIO_INT16,
    CIMAGEIO_UINT32,
    CIMAGEIO_INT32,
    CIMAGEIO_UINT64,
    CIMAGEIO_INT64,
    CIMAGEIO_FLOAT32,
    CIMAGEIO_FLOAT64
} CImageIOScalar;

/// The message of this thread's last failure.
const char *_Nonnull cimageio_last_error(void);

/// Opens a file and reads its header; NULL on failure. Close it with `cimageio_close`.
CImageIOFileRef _Nullable cimageio_open(const char *_Nonnull path, CImageIOFormat format);
void cimageio_close(CImageIOFileRef _Nullable file);

/// The number of axes, and per axis the number of voxels, the spacing in mm, the first voxel's place and the direction's components
/// in patient coordinates (LPS+).
int32_t cimageio_axis_count(CImageIOFileRef _Nonnull file);
int64_t cimageio_size(CImageIOFileRef _Nonnull file, int32_t axis);
double cimageio_spacing(CImageIOFileRef _Nonnull file, int32_t axis);
double cimageio_origin(CImageIOFileRef _Nonnull file, int32_t axis);
double cimageio_direction(CImageIOFileRef _Nonnull file, int32_t axis, int32_t component);

/// Values per voxel: 1 for grey images.
int32_t cimageio_component_count(CImageIOFileRef _Nonnull file);
CImageIOScalar cimageio_scalar(CImageIOFileRef _Nonnull file);
/// The size of all voxels in bytes; negative when it is beyond counting.
int64_t cimageio_byte_count(CImageIOFileRef _Nonnull file);

/// A text of the header: a DICOM element by its tag (`0020|000e`), a NRRD or MetaImage field by its key; NULL when absent.
const char *_Nullable cimageio_text(CImageIOFileRef _Nonnull file, const char *_Nonnull key);

/// Reads all voxels into `buffer` of exactly `cimageio_byte_count` bytes, in this machine's byte order.
bool cimageio_read(CImageIOFileRef _Nonnull file, void *_Nonnull buffer, int64_t byte_count);

#ifdef __cplusplus
}
#endif
