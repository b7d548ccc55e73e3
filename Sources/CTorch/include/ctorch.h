// ctorch.h: the C face of LibTorch that the Swift target `Torch` is built on.
//
//     CTorchTensorRef a = ctorch_full(shape, 2, 1.0, 6, device);
//     CTorchTensorRef b = ctorch_binary(CTorchBinaryAdd, a, a);
//     if (!b) puts(ctorch_last_error());
//     ctorch_tensor_release(b);
//
// Conventions
// * No function throws. One that returns a reference or a bool returns NULL or false on failure and leaves the reason in a
//   thread-local text, `ctorch_last_error()`, valid on that thread until its next failing call.
// * Every returned reference is owned by the caller and released once with its `_release` function.
// * References may be sent to another thread, but one reference is used by one thread at a time. Gradient mode, autocast and the
//   last error belong to the calling thread: run all work of one computation on one thread.
// * Shapes and axes are `intptr_t`, Swift's `Int`. Data types carry the numbers of c10::ScalarType, devices those of c10::DeviceType.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#define CTORCH_NOEXCEPT noexcept
#else
#define CTORCH_NOEXCEPT
#endif

#if defined(__swift__) || defined(__clang__)
#define CTORCH_NEWTYPE __attribute__((swift_newtype(struct)))
#pragma clang assume_nonnull begin
#endif

typedef struct CTorchTensor *CTorchTensorRef CTORCH_NEWTYPE;
typedef struct CTorchGenerator *CTorchGeneratorRef CTORCH_NEWTYPE;
typedef struct CTorchProcessGroup *CTorchProcessGroupRef CTORCH_NEWTYPE;

/// Where a tensor lives: a c10::DeviceType number (0 CPU, 1 CUDA, 13 MPS) and an index, -1 for the current one.
typedef struct {
    int32_t type;
    int32_t index;
} CTorchDevice;

typedef enum {
    CTorchUnaryNegate, CTorchUnaryExp, CTorchUnaryLog, CTorchUnarySqrt, CTorchUnaryAbs, CTorchUnarySin, CTorchUnaryCos, CTorchUnaryTanh,
    CTorchUnarySigmoid, CTorchUnaryRelu, CTorchUnaryReciprocal, CTorchUnaryFloor, CTorchUnaryRound, CTorchUnaryIsNaN,
    CTorchUnaryIsFinite, CTorchUnaryNot, CTorchUnaryGelu,
} CTorchUnary;

typedef enum {
    CTorchBinaryAdd, CTorchBinarySubtract, CTorchBinaryMultiply, CTorchBinaryDivide, CTorchBinaryMaximum, CTorchBinaryMinimum,
    CTorchBinaryPower, CTorchBinaryEqual, CTorchBinaryNotEqual, CTorchBinaryLess, CTorchBinaryLessEqual, CTorchBinaryGreater,
    CTorchBinaryGreaterEqual, CTorchBinaryAnd, CTorchBinaryOr, CTorchBinaryMatmul,
} CTorchBinary;

typedef enum {
    CTorchReductionSum, CTorchReductionMean, CTorchReductionMaximum, CTorchReductionMinimum, CTorchReductionVariance,
    CTorchReductionLogSumExp, CTorchReductionNorm, CTorchReductionArgmax,
} CTorchReduction;

// MARK: lifetime and state (lifetime.cpp)

/// The reason of this thread's latest failure.
const char *ctorch_last_error(void) CTORCH_NOEXCEPT;
/// Whether that failure was a lack of memory.
bool ctorch_last_error_is_memory(void) CTORCH_NOEXCEPT;
/// How many tensors the callers of this library hold at the moment, over all threads.
intptr_t ctorch_live_tensors(void) CTORCH_NOEXCEPT;
/// Tensors received on this thread less those released on it.
intptr_t ctorch_live_tensors_of_thread(void) CTORCH_NOEXCEPT;
const char *ctorch_version(void) CTORCH_NOEXCEPT;
void ctorch_tensor_release(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
intptr_t ctorch_thread_count(void) CTORCH_NOEXCEPT;
bool ctorch_set_thread_count(intptr_t count) CTORCH_NOEXCEPT;

intptr_t ctorch_rank(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
/// Writes `ctorch_rank` extents.
void ctorch_shape(CTorchTensorRef tensor, intptr_t *shape) CTORCH_NOEXCEPT;
intptr_t ctorch_count(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
int32_t ctorch_dtype(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
intptr_t ctorch_element_size(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
CTorchDevice ctorch_device(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
bool ctorch_is_contiguous(CTorchTensorRef tensor, bool channels_last) CTORCH_NOEXCEPT;
/// Copies the elements in C order to `bytes`, which holds exactly `count` bytes.
bool ctorch_read(CTorchTensorRef tensor, void *bytes, intptr_t count) CTORCH_NOEXCEPT;
/// Where the elements of a contiguous tensor in main memory lie, for as long as the tensor lives; null for any other tensor.
const void *_Nullable ctorch_elements(CTorchTensorRef tensor) CTORCH_NOEXCEPT;

// MARK: creation (creation.cpp)

CTorchTensorRef _Nullable ctorch_full(const intptr_t *_Nullable shape, intptr_t rank, double value, int32_t dtype, CTorchDevice device) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_zeros_like(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_arange(double start, double end, double step, int32_t dtype, CTorchDevice device) CTORCH_NOEXCEPT;
/// Copies `count` bytes of C-ordered elements.
CTorchTensorRef _Nullable ctorch_from_bytes(const void *_Nullable bytes, intptr_t count, const intptr_t *_Nullable shape, intptr_t rank, int32_t dtype) CTORCH_NOEXCEPT;
/// Normal (mean, deviation) or, where `uniform`, values of [low, high).
CTorchTensorRef _Nullable ctorch_random(bool uniform, double first, double second, const intptr_t *_Nullable shape, intptr_t rank, int32_t dtype, CTorchGeneratorRef _Nullable generator) CTORCH_NOEXCEPT;
/// Integers of [low, high).
CTorchTensorRef _Nullable ctorch_random_integers(intptr_t low, intptr_t high, const intptr_t *_Nullable shape, intptr_t rank, CTorchGeneratorRef _Nullable generator) CTORCH_NOEXCEPT;

bool ctorch_manual_seed(uint64_t seed) CTORCH_NOEXCEPT;
CTorchGeneratorRef _Nullable ctorch_generator_make(uint64_t seed) CTORCH_NOEXCEPT;
void ctorch_generator_release(CTorchGeneratorRef generator) CTORCH_NOEXCEPT;
/// The state of a generator, or of the default CPU generator where `generator` is NULL, as bytes.
CTorchTensorRef _Nullable ctorch_generator_state(CTorchGeneratorRef _Nullable generator) CTORCH_NOEXCEPT;
bool ctorch_generator_set_state(CTorchGeneratorRef _Nullable generator, CTorchTensorRef state) CTORCH_NOEXCEPT;

// MARK: shape (shape.cpp)

CTorchTensorRef _Nullable ctorch_to(CTorchTensorRef tensor, int32_t dtype, CTorchDevice device) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_contiguous(CTorchTensorRef tensor, bool channels_last) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_clone(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_detach(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_reshape(CTorchTensorRef tensor, const intptr_t *_Nullable shape, intptr_t rank) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_permute(CTorchTensorRef tensor, const intptr_t *axes, intptr_t count) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_transpose(CTorchTensorRef tensor, intptr_t first, intptr_t second) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_expand(CTorchTensorRef tensor, const intptr_t *shape, intptr_t rank) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_narrow(CTorchTensorRef tensor, intptr_t axis, intptr_t start, intptr_t length) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_select(CTorchTensorRef tensor, intptr_t axis, intptr_t index) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_index_select(CTorchTensorRef tensor, intptr_t axis, CTorchTensorRef indices) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_gather(CTorchTensorRef tensor, intptr_t axis, CTorchTensorRef indices) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_flip(CTorchTensorRef tensor, const intptr_t *axes, intptr_t count) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_rotate90(CTorchTensorRef tensor, intptr_t turns, intptr_t first, intptr_t second) CTORCH_NOEXCEPT;
/// Concatenates along an existing axis, or stacks along a new one.
CTorchTensorRef _Nullable ctorch_concatenate(const CTorchTensorRef _Nonnull *_Nonnull tensors, intptr_t count, intptr_t axis, bool stack) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_one_hot(CTorchTensorRef tensor, intptr_t classes) CTORCH_NOEXCEPT;
/// Pads the last `count / 2` axes with a constant, in torch's order: last axis first, (before, after) pairs.
CTorchTensorRef _Nullable ctorch_pad(CTorchTensorRef tensor, const intptr_t *widths, intptr_t count, double value) CTORCH_NOEXCEPT;
/// Copies `source` into `tensor` in place, broadcasting and converting the data type.
bool ctorch_copy_from(CTorchTensorRef tensor, CTorchTensorRef source) CTORCH_NOEXCEPT;
/// Makes `tensor` share the storage, shape, type and device of `source`; gradients recorded for it are dropped.
bool ctorch_set_data(CTorchTensorRef tensor, CTorchTensorRef source) CTORCH_NOEXCEPT;
bool ctorch_fill(CTorchTensorRef tensor, double value) CTORCH_NOEXCEPT;

// MARK: arithmetic (arithmetic.cpp)

CTorchTensorRef _Nullable ctorch_unary(CTorchUnary operation, CTorchTensorRef tensor) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_binary(CTorchBinary operation, CTorchTensorRef left, CTorchTensorRef right) CTORCH_NOEXCEPT;
/// `tensor op scalar`, or `scalar op tensor` where `reversed`; an integral scalar leaves integer tensors integer.
CTorchTensorRef _Nullable ctorch_binary_scalar(CTorchBinary operation, CTorchTensorRef tensor, double scalar, bool integral, bool reversed) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_reduce(CTorchReduction operation, CTorchTensorRef tensor, const intptr_t *_Nullable axes, intptr_t count, bool keep) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_cumulative_sum(CTorchTensorRef tensor, intptr_t axis) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_clamp(CTorchTensorRef tensor, double low, double high) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_where(CTorchTensorRef condition, CTorchTensorRef left, CTorchTensorRef right) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_softmax(CTorchTensorRef tensor, intptr_t axis, bool logarithm) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_leaky_relu(CTorchTensorRef tensor, double slope) CTORCH_NOEXCEPT;
bool ctorch_equal(CTorchTensorRef left, CTorchTensorRef right, bool *equal) CTORCH_NOEXCEPT;

// MARK: networks (network.cpp)

typedef struct {
    intptr_t stride[3];
    intptr_t padding[3];
} CTorchConvolution;

/// input [batch, in, X, Y, Z], weight [out, in, kx, ky, kz].
CTorchTensorRef _Nullable ctorch_conv3d(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef _Nullable bias, CTorchConvolution how) CTORCH_NOEXCEPT;
/// The same of the channels of both [batch, …, X, Y, Z], side by side; where our kernels take them, without a copy of both.
CTorchTensorRef _Nullable ctorch_conv3d_joined(CTorchTensorRef first, CTorchTensorRef second, CTorchTensorRef weight, CTorchTensorRef _Nullable bias,
                                               CTorchConvolution how) CTORCH_NOEXCEPT;
/// weight [in, out, kx, ky, kz].
CTorchTensorRef _Nullable ctorch_conv_transpose3d(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef _Nullable bias, CTorchConvolution how) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_linear(CTorchTensorRef input, CTorchTensorRef weight, CTorchTensorRef _Nullable bias) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_layer_norm(CTorchTensorRef input, CTorchTensorRef _Nullable weight, CTorchTensorRef _Nullable bias, double epsilon) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_instance_norm(CTorchTensorRef input, CTorchTensorRef _Nullable weight, CTorchTensorRef _Nullable bias, double epsilon) CTORCH_NOEXCEPT;
/// lrelu(norm(conv2(lrelu(norm(conv1(x))))) + shortcut): 3×3×3 convolutions without bias, the shortcut being x or, with conv3 [out, in, 1, 1, 1], norm(conv3(x)).
/// x is `first`, its channels joined by those of `second` if that is there; conv3 must be there then.
CTorchTensorRef _Nullable ctorch_residual_block(CTorchTensorRef first, CTorchTensorRef _Nullable second, CTorchTensorRef conv1, CTorchTensorRef conv2,
                                                CTorchTensorRef _Nullable conv3) CTORCH_NOEXCEPT;
/// The first half of the block without a skip connection: lrelu(norm(conv(x))), a 3×3×3 convolution without bias.
CTorchTensorRef _Nullable ctorch_normalized_convolution(CTorchTensorRef input, CTorchTensorRef weight) CTORCH_NOEXCEPT;
/// lrelu(norm(a) + shortcut): instance norm without weights; the shortcut is nothing (b NULL), b, or norm(b).
CTorchTensorRef _Nullable ctorch_normalized_activation(CTorchTensorRef a, CTorchTensorRef _Nullable b, bool normalizes_b, double slope, double epsilon) CTORCH_NOEXCEPT;
/// The name of the instruction set the kernels use here.
const char *ctorch_kernel_set(void) CTORCH_NOEXCEPT;
/// Chooses between the kernels of this library (true, as at the start) and LibTorch's own, to compare them; for this thread.
void ctorch_use_own_kernels(bool enabled) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_attention(CTorchTensorRef query, CTorchTensorRef key, CTorchTensorRef value) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_interpolate_trilinear(CTorchTensorRef input, const intptr_t shape[_Nonnull 3], bool align_corners) CTORCH_NOEXCEPT;
CTorchTensorRef _Nullable ctorch_dropout(CTorchTensorRef input, double probability) CTORCH_NOEXCEPT;
/// target: class indices; voxels of `ignored_index` count for nothing. Mean over the others.
CTorchTensorRef _Nullable ctorch_cross_entropy(CTorchTensorRef logits, CTorchTensorRef target, CTorchTensorRef _Nullable weight, intptr_t ignored_index, double label_smoothing) CTORCH_NOEXCEPT;

typedef struct {
    double dice_weight;
    double cross_entropy_weight;
    double smoothing;
    /// Voxels of this label (0…255) count for nothing; -1 for none.
    intptr_t ignored_label;
} CTorchDiceCrossEntropy;

/// [total, Dice, cross entropy] of logits [batch, channels, X, Y, Z] and labels [batch, X, Y, Z]; only the total carries a gradient. `drawn`
/// [batch, channels] is 0 for classes that were not labelled: their probability counts as background and they leave the Dice mean. `class_weights`
/// [channels] multiplies a class's Dice term and its voxels in the cross entropy, whose mean is by weight.
CTorchTensorRef _Nullable ctorch_dice_cross_entropy(CTorchTensorRef logits, CTorchTensorRef labels, CTorchTensorRef _Nullable drawn, CTorchTensorRef _Nullable class_weights, CTorchDiceCrossEntropy how) CTORCH_NOEXCEPT;

// MARK: autograd and optimizers (autograd.cpp)

bool ctorch_requires_gradient(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
bool ctorch_set_requires_gradient(CTorchTensorRef tensor, bool value) CTORCH_NOEXCEPT;
bool ctorch_backward(CTorchTensorRef tensor, CTorchTensorRef _Nullable gradient) CTORCH_NOEXCEPT;
/// The accumulated gradient; NULL without an error text where there is none.
CTorchTensorRef _Nullable ctorch_gradient(CTorchTensorRef tensor) CTORCH_NOEXCEPT;
bool ctorch_set_gradient(CTorchTensorRef tensor, CTorchTensorRef _Nullable gradient) CTORCH_NOEXCEPT;
/// Turns recording on or off for this thread and returns what it was.
bool ctorch_set_gradient_mode(bool enabled) CTORCH_NOEXCEPT;
bool ctorch_gradient_mode(void) CTORCH_NOEXCEPT;

/// Mixed precision of this thread for one type of device (autocast.cpp).
typedef struct {
    bool enabled;
    int32_t dtype;
} CTorchAutocast;
/// Sets `state` and replaces it by what was set before.
bool ctorch_exchange_autocast(int32_t device_type, CTorchAutocast *state) CTORCH_NOEXCEPT;
/// Whether this processor has matrix units (AMX) for numbers of this type: with vector instructions alone (AVX512-BF16, AVX512-FP16) products are no faster
/// than in float32. True for processors that are not asked (other than x86-64).
bool ctorch_processor_gains_from(int32_t dtype) CTORCH_NOEXCEPT;

typedef struct {
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    double weight_decay;
    /// Decoupled weight decay (AdamW) rather than the L2 form (Adam).
    bool decoupled;
} CTorchAdam;

/// One fused Adam step over `count` parameters; `steps` are float scalars that are incremented.
bool ctorch_adam_step(const CTorchTensorRef _Nonnull *_Nonnull parameters, const CTorchTensorRef _Nonnull *_Nonnull gradients, const CTorchTensorRef _Nonnull *_Nonnull averages,
                      const CTorchTensorRef _Nonnull *_Nonnull squared_averages, const CTorchTensorRef _Nonnull *_Nonnull steps, intptr_t count, CTorchAdam how) CTORCH_NOEXCEPT;
/// Scales the gradients so that their joint L2 norm is at most `maximum` and returns the norm before; NULL on failure.
CTorchTensorRef _Nullable ctorch_clip_gradient_norm(const CTorchTensorRef _Nonnull *_Nonnull gradients, intptr_t count, double maximum) CTORCH_NOEXCEPT;

// MARK: several processes (distributed.cpp)

/// Where the processes of a group meet: a key-value store that one of them, or the launcher, serves.
typedef struct {
    const char *address;
    int32_t port;
    int32_t rank;
    int32_t size;
    /// Whether this process serves the store.
    bool hosts_store;
    /// Seconds to wait for the others, here and in every later call.
    double timeout;
} CTorchRendezvous;

/// Joins a Gloo group; returns when all `size` processes have. Calls on a group are made by every process, in the same order.
CTorchProcessGroupRef _Nullable ctorch_process_group_make(CTorchRendezvous where) CTORCH_NOEXCEPT;
void ctorch_process_group_release(CTorchProcessGroupRef group) CTORCH_NOEXCEPT;
/// Replaces each tensor, in place, by its sum over the processes times `scale`; one transfer for all of them, which share one type.
bool ctorch_all_reduce(CTorchProcessGroupRef group, const CTorchTensorRef _Nonnull *_Nonnull tensors, intptr_t count, double scale) CTORCH_NOEXCEPT;
/// Replaces each tensor, in place, by that of process `root`.
bool ctorch_broadcast(CTorchProcessGroupRef group, const CTorchTensorRef _Nonnull *_Nonnull tensors, intptr_t count, intptr_t root) CTORCH_NOEXCEPT;
/// [size] + shape: the tensors of all processes, which have one shape.
CTorchTensorRef _Nullable ctorch_all_gather(CTorchProcessGroupRef group, CTorchTensorRef tensor) CTORCH_NOEXCEPT;
/// Waits for all processes; the error names those that did not come.
bool ctorch_barrier(CTorchProcessGroupRef group) CTORCH_NOEXCEPT;

#if defined(__swift__) || defined(__clang__)
#pragma clang assume_nonnull end
#endif
#if defined(__cplusplus)
}
#endif
#endif
