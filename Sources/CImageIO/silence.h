#pragma once

#include <mutex>
#include <string>

// Keeps what this thread prints to std::cerr and std::cout from the terminal for as long as the value lives: GDCM and MetaIO speak there
// about the files they read. Other threads go on being heard. One thread is silent at a time, as neither library promises to read more.
class Silence {
public:
    Silence();
    ~Silence();
    Silence(const Silence &) = delete;
    Silence &operator=(const Silence &) = delete;

    // What was kept from the terminal so far, at most 64 kB of it. MetaIO says of some failures nowhere else.
    const std::string &heard() const;

private:
    std::lock_guard<std::mutex> lock_;
};
