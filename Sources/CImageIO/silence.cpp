#include "silence.h"

#include <algorithm>
#include <iostream>
#include <streambuf>

namespace {

thread_local bool is_silent = false;
thread_local std::string said;

void keep(const char *characters, std::streamsize count) {
    constexpr size_t limit = 1 << 16;
    said.append(characters, std::min(static_cast<size_t>(count), limit - std::min(limit, said.size())));
}

// Stands before the buffer of a stream and lets through what threads that are not silent write. It holds no characters of its own, so that
// threads share nothing here, and what is written reaches the stream's buffer at once, as before.
class Filter final : public std::streambuf {
public:
    explicit Filter(std::streambuf *target) : target_(target) {}

protected:
    int_type overflow(int_type character) override {
        if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
        const char text = traits_type::to_char_type(character);
        if (!is_silent) return target_->sputc(text);
        keep(&text, 1);
        return character;
    }
    std::streamsize xsputn(const char *characters, std::streamsize count) override {
        if (!is_silent) return target_->sputn(characters, count);
        keep(characters, count);
        return count;
    }
    int sync() override { return target_->pubsync(); }

private:
    std::streambuf *const target_;
};

// Before main, while there is one thread. Never taken away: threads may print until the process has ended.
[[maybe_unused]] const bool is_installed = [] {
    for (std::ostream *stream : {&std::cerr, &std::cout}) stream->rdbuf(new Filter(stream->rdbuf()));
    return true;
}();

std::mutex &reading() {
    static std::mutex mutex;
    return mutex;
}

} // namespace

Silence::Silence() : lock_(reading()) {
    is_silent = true;
    said.clear();
}

Silence::~Silence() { is_silent = false; }

const std::string &Silence::heard() const { return said; }
