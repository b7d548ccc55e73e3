#include "cimageio.h"
#include "silence.h"

#include <itkGDCMImageIO.h>
#include <itkMetaDataObject.h>
#include <itkMetaImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

struct CImageIOFile {
    itk::ImageIOBase::Pointer io;
    // Texts handed out, so that they outlive the call.
    std::map<std::string, std::string> texts;
};

namespace {

thread_local std::string last_error;

// What ITK says went wrong, without the name and the address of the object that says it; of teem's chain of complaints the innermost.
std::string plain(const char *description) {
    std::string text = description;
    for (const std::string start : {"ITK ERROR: ", "itk::ERROR: "}) {
        if (text.compare(0, start.size(), start) != 0) continue;
        const size_t end = text.find("): ", start.size());
        text = text.substr(end == std::string::npos ? start.size() : end + 3);
    }
    const std::string mark = "[nrrd] ";
    const size_t last = text.rfind(mark);
    if (last == std::string::npos) return text;
    text = text.substr(last + mark.size());
    const size_t end = text.find(": ");
    const bool is_function = end != std::string::npos && text.find("nrrd") < 2 && text.find(' ') > end;
    return is_function ? text.substr(end + 2) : text;
}

// Runs `body`; whatever it throws becomes the thread's message and `failure` the result.
template <typename Result, typename Body>
Result guarded(Result failure, Body body) noexcept {
    try {
        return body();
    } catch (const itk::ExceptionObject &error) {
        last_error = plain(error.GetDescription());
    } catch (const std::exception &error) {
        last_error = error.what();
    } catch (...) {
        last_error = "unknown failure";
    }
    return failure;
}

itk::ImageIOBase::Pointer make_io(CImageIOFormat format) {
    switch (format) {
    case CIMAGEIO_DICOM: {
        auto io = itk::GDCMImageIO::New();
        io->SetLoadPrivateTags(false);
        return io.GetPointer();
    }
    case CIMAGEIO_NRRD:
        return itk::NrrdImageIO::New().GetPointer();
    case CIMAGEIO_METAIMAGE:
        return itk::MetaImageIO::New().GetPointer();
    }
    throw std::invalid_argument("unknown format");
}

bool has_axis(CImageIOFileRef file, int32_t axis) { return axis >= 0 && axis < static_cast<int32_t>(file->io->GetNumberOfDimensions()); }

// Reads all voxels into `buffer`. A file that ends early is no failure to MetaIO, which leaves the rest of the buffer as it was: the last voxel of
// every slice is marked before, and where a mark seems to stand afterwards, another is tried, which no voxel can equal by chance as well.
void read_whole(itk::ImageIOBase &io, unsigned char *buffer, size_t byte_count) {
    const size_t slice = byte_count / std::max<size_t>(1, io.GetNumberOfDimensions() > 2 ? io.GetDimensions(2) : 1);
    const size_t voxel = std::min<size_t>(slice, io.GetComponentSize() * io.GetNumberOfComponents());
    std::vector<unsigned char *> unwritten;
    for (unsigned char *end = buffer + slice; end <= buffer + byte_count; end += slice)
        for (unsigned char *place = end - voxel; place < end; ++place) unwritten.push_back(place);
    // The same from both ends, should the bytes of a voxel be swapped.
    for (unsigned char mark : {0xA5, 0x5A}) {
        for (unsigned char *place : unwritten) *place = mark;
        io.Read(buffer);
        unwritten.erase(std::remove_if(unwritten.begin(), unwritten.end(), [&](unsigned char *place) { return *place != mark; }), unwritten.end());
        if (unwritten.empty()) return;
    }
    throw std::runtime_error("it ends before the last of its voxels, of which its header announces " + std::to_string(byte_count)
                             + " bytes; copy the file again");
}

} // namespace

const char *cimageio_last_error(void) { return last_error.c_str(); }

CImageIOFileRef cimageio_open(const char *path, CImageIOFormat format) {
    return guarded(static_cast<CImageIOFileRef>(nullptr), [&]() -> CImageIOFileRef {
        Silence silence;
        itk::Object::GlobalWarningDisplayOff();
        auto io = make_io(format);
        if (!io->CanReadFile(path)) throw std::runtime_error("the content is not of this format");
        io->SetFileName(path);
        io->ReadImageInformation();
        return new CImageIOFile{io, {}};
    });
}

void cimageio_close(CImageIOFileRef file) { delete file; }

int32_t cimageio_axis_count(CImageIOFileRef file) { return static_cast<int32_t>(file->io->GetNumberOfDimensions()); }

int64_t cimageio_size(CImageIOFileRef file, int32_t axis) { return has_axis(file, axis) ? static_cast<int64_t>(file->io->GetDimensions(axis)) : 1; }

double cimageio_spacing(CImageIOFileRef file, int32_t axis) { return has_axis(file, axis) ? file->io->GetSpacing(axis) : 1; }

double cimageio_origin(CImageIOFileRef file, int32_t axis) { return has_axis(file, axis) ? file->io->GetOrigin(axis) : 0; }

double cimageio_direction(CImageIOFileRef file, int32_t axis, int32_t component) {
    double otherwise = axis == component ? 1 : 0;
    return guarded(otherwise, [&] {
        if (!has_axis(file, axis)) return otherwise;
        auto direction = file->io->GetDirection(axis);
        return component >= 0 && static_cast<size_t>(component) < direction.size() ? direction[component] : otherwise;
    });
}

int32_t cimageio_component_count(CImageIOFileRef file) { return static_cast<int32_t>(file->io->GetNumberOfComponents()); }

CImageIOScalar cimageio_scalar(CImageIOFileRef file) {
    using Type = itk::IOComponentEnum;
    switch (file->io->GetComponentType()) {
    case Type::UCHAR: return CIMAGEIO_UINT8;
    case Type::CHAR: return CIMAGEIO_INT8;
    case Type::USHORT: return CIMAGEIO_UINT16;
    case Type::SHORT: return CIMAGEIO_INT16;
    case Type::UINT: return CIMAGEIO_UINT32;
    case Type::INT: return CIMAGEIO_INT32;
    case Type::ULONG: return sizeof(long) == 8 ? CIMAGEIO_UINT64 : CIMAGEIO_UINT32;
    case Type::LONG: return sizeof(long) == 8 ? CIMAGEIO_INT64 : CIMAGEIO_INT32;
    case Type::ULONGLONG: return CIMAGEIO_UINT64;
    case Type::LONGLONG: return CIMAGEIO_INT64;
    case Type::FLOAT: return CIMAGEIO_FLOAT32;
    case Type::DOUBLE: return CIMAGEIO_FLOAT64;
    default: return CIMAGEIO_OTHER;
    }
}

int64_t cimageio_byte_count(CImageIOFileRef file) {
    return guarded(static_cast<int64_t>(-1), [&]() -> int64_t {
        int64_t total = static_cast<int64_t>(file->io->GetComponentSize());
        if (__builtin_mul_overflow(total, static_cast<int64_t>(file->io->GetNumberOfComponents()), &total)) return -1;
        for (int32_t axis = 0; axis < cimageio_axis_count(file); axis++) {
            if (__builtin_mul_overflow(total, cimageio_size(file, axis), &total)) return -1;
        }
        return total;
    });
}

const char *cimageio_text(CImageIOFileRef file, const char *key) {
    return guarded(static_cast<const char *>(nullptr), [&]() -> const char * {
        std::string value;
        if (!itk::ExposeMetaData<std::string>(file->io->GetMetaDataDictionary(), key, value)) return nullptr;
        return (file->texts[key] = value).c_str();
    });
}

bool cimageio_read(CImageIOFileRef file, void *buffer, int64_t byte_count) {
    return guarded(false, [&] {
        if (byte_count != cimageio_byte_count(file)) throw std::invalid_argument("the buffer has another size than the voxels");
        itk::ImageIORegion region(file->io->GetNumberOfDimensions());
        for (unsigned axis = 0; axis < file->io->GetNumberOfDimensions(); axis++) {
            region.SetIndex(axis, 0);
            region.SetSize(axis, file->io->GetDimensions(axis));
        }
        Silence silence;
        file->io->SetIORegion(region);
        read_whole(*file->io, static_cast<unsigned char *>(buffer), static_cast<size_t>(byte_count));
        if (silence.heard().find("Uncompress failed") != std::string::npos)
            throw std::runtime_error("its compressed voxels fail their checksum, or are none; copy the file again");
        return true;
    });
}
