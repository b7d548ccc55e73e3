#include "silence.h"

#include <iostream>
#include <streambuf>

namespace {

thread_local bool is_silent = false;

// Stands before the buffer of a stream and lets through what threads that are not silent write. It holds no characters of its own, so that
// threads share nothing here, and what is written reaches the stream's buffer at once, as before.
class Filter final : public std::streambuf {
public:
    explicit Filter(std::streambuf *target) : target_(target) {}

protected:
    int_type overflow(int_type character) override {
        if (is_silent || traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
        return target_->sputc(traits_type::to_char_type(character));
    }
    std::streamsize xsputn(const char *characters, std::streamsize count) override {
        return is_silent ? count : target_->sputn(characters, count);
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

Silence::Silence() : lock_(reading()) { is_silent = true; }

Silence::~Silence() { is_silent = false; }
