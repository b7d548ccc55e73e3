// Weights in the form that a kernel takes, made once for weights that stay as they are.
#pragma once

#include "support.h"

namespace ctorch {

/// Gives another form of a weight.
using Preparation = at::Tensor (*)(const at::Tensor &weight);

/// What `make` gives for a weight. Kept until the weight changes or goes, unless it is trained: then it changes with every step.
at::Tensor prepared(const at::Tensor &weight, Preparation make);

}  // namespace ctorch
