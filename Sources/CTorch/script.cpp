// TorchScript programs: loading, running, recording and saving them.
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <fstream>
#include <memory>

#include "ctorch_script.h"
#include "fused.h"

using torch::jit::Module;

struct CTorchScript {
    explicit CTorchScript(Module program);
    Module module;
    std::vector<std::string> methods;
    std::vector<std::pair<std::string, at::Tensor>> tensors;
};

namespace {

/// `forward(x: Tensor) -> Tensor`
std::string signature(const torch::jit::Method &method) {
    const auto &schema = method.function().getSchema();
    std::string text = method.name() + "(";
    const char *separator = "";
    for (size_t i = 1; i < schema.arguments().size(); ++i) {  // the first one is the program itself
        const auto &argument = schema.arguments()[i];
        text += separator + argument.name() + ": " + argument.type()->annotation_str();
        separator = ", ";
    }
    text += ")";
    if (!schema.returns().empty()) text += " -> " + schema.returns()[0].type()->annotation_str();
    return text;
}

at::Tensor first_tensor(const c10::IValue &value) {
    if (value.isTensor()) return value.toTensor();
    if (value.isTuple() && !value.toTupleRef().elements().empty()) return first_tensor(value.toTupleRef().elements()[0]);
    if (value.isList() && !value.toListRef().empty()) return first_tensor(value.toListRef()[0]);
    TORCH_CHECK(false, "the program returned ", value.tagKind(), " where a tensor, or a tuple or list that begins with one, was expected");
}

/// The module called `name` below `parent`, made where it is not there yet.
Module child(Module parent, const std::string &name) {
    if (parent.hasattr(name)) return parent.attr(name).toModule();
    Module made(c10::QualifiedName("__torch__.viscera.Layer"), parent._ivalue()->compilation_unit(), /*shouldMangle=*/true);
    made.register_attribute("training", c10::BoolType::get(), false);
    parent.register_module(name, made);
    return made;
}

/// Puts a parameter under its dotted name.
void register_parameter(Module module, const std::string &path, const at::Tensor &tensor) {
    size_t start = 0;
    for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
        module = child(module, path.substr(start, dot - start));
        start = dot + 1;
    }
    module.register_parameter(path.substr(start), tensor, /*is_buffer=*/false);
}

/// LibTorch's own kernels on this thread while it lives.
struct PlainKernels {
    PlainKernels() : before(ctorch::own_kernels_enabled) { ctorch::own_kernels_enabled = false; }
    ~PlainKernels() { ctorch::own_kernels_enabled = before; }
    bool before;
};

template <class Body>
CTorchScriptRef guarded_script(Body &&body) noexcept {
    try {
        return new CTorchScript(body());
    } catch (...) {
        ctorch::keep_current_exception();
        return nullptr;
    }
}

}  // namespace

CTorchScript::CTorchScript(Module program) : module(std::move(program)) {
    for (const auto &method : module.get_methods()) methods.push_back(signature(method));
    for (const auto &item : module.named_parameters()) tensors.emplace_back(item.name, item.value);
    for (const auto &item : module.named_buffers()) tensors.emplace_back(item.name, item.value);
}

extern "C" {

CTorchScriptRef ctorch_script_load(const char *path, CTorchDevice where) noexcept {
    return guarded_script([&] {
        auto module = torch::jit::load(std::string(path), ctorch::device(where), /*load_debug_files=*/false);
        module.eval();
        return module;
    });
}

void ctorch_script_release(CTorchScriptRef script) noexcept { delete script; }

CTorchTensorRef ctorch_script_forward(CTorchScriptRef script, CTorchTensorRef input) noexcept {
    return ctorch::guarded([&] {
        auto method = script->module.find_method("forward");
        TORCH_CHECK(method, "the program has no method forward");
        // Not the optimizing executor, which profiles the first runs and rewrites the program: the first window is computed like the last.
        torch::jit::GraphOptimizerEnabledGuard unoptimized(false);
        return first_tensor((*method)({input->value}));
    });
}

intptr_t ctorch_script_method_count(CTorchScriptRef script) noexcept { return static_cast<intptr_t>(script->methods.size()); }
const char *ctorch_script_method(CTorchScriptRef script, intptr_t index) noexcept { return script->methods[static_cast<size_t>(index)].c_str(); }
intptr_t ctorch_script_tensor_count(CTorchScriptRef script) noexcept { return static_cast<intptr_t>(script->tensors.size()); }

const char *ctorch_script_tensor_name(CTorchScriptRef script, intptr_t index) noexcept {
    return script->tensors[static_cast<size_t>(index)].first.c_str();
}

CTorchTensorRef ctorch_script_tensor(CTorchScriptRef script, intptr_t index) noexcept {
    return ctorch::guarded([&] { return script->tensors[static_cast<size_t>(index)].second; });
}

CTorchScriptRef ctorch_script_record(CTorchTensorRef input, const char *const *names, const CTorchTensorRef *tensors, intptr_t count, CTorchComputation body,
                                     void *context) noexcept {
    return guarded_script([&] {
        PlainKernels plain;
        at::NoGradGuard no_gradients;
        Module module("__torch__.viscera.Network");
        module.register_attribute("training", c10::BoolType::get(), false);
        for (intptr_t i = 0; i < count; ++i) register_parameter(module, names[i], tensors[i]->value);
        auto run = [&](torch::jit::Stack inputs) -> torch::jit::Stack {
            auto *output = body(new CTorchTensor(inputs[0].toTensor()), context);
            TORCH_CHECK(output, "the computation to be recorded failed");
            return {output->value};
        };
        auto unnamed = [](const at::Tensor &) { return std::string(); };
        auto recorded = torch::jit::tracer::trace({input->value}, run, unnamed, /*strict=*/true, /*force_outplace=*/false, &module, {"image"});
        auto graph = recorded.first->graph;
        torch::jit::EliminateDeadCode(graph);
        auto *forward = module._ivalue()->compilation_unit()->create_function(c10::QualifiedName(*module.type()->name(), "forward"), graph);
        module.type()->addMethod(forward);
        return module;
    });
}

bool ctorch_script_save(CTorchScriptRef script, const char *path, const char *extra_name, const char *extra_text) noexcept {
    return ctorch::guarded_action([&] {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        TORCH_CHECK(file, "the file cannot be created");
        // LibTorch must not hear of a write that fails: its archive ends itself while the exception is on its way, throws again, and so ends the
        // process. The file remembers.
        auto write = [&](const void *bytes, size_t count) {
            file.write(static_cast<const char *>(bytes), static_cast<std::streamsize>(count));
            return count;
        };
        torch::jit::ExportModule(script->module, write, {{extra_name, extra_text}});
        file.close();
        TORCH_CHECK(file, "the file was not written to its end: is the disk full?");
    });
}
}
