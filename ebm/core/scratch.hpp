// Memory for the length of a call, kept by thread and used again.
#pragma once
#include <memory>
#include <vector>

namespace ebm {

/// An S of this thread's that nobody else holds: calls that reach themselves again (an energy made of another
/// energy) get another one. Its contents are what the last holder left.
template <class S> class Scratch {
 public:
  Scratch() {
    if (free().empty()) free().push_back(std::make_unique<S>());
    held_ = std::move(free().back());
    free().pop_back();
  }
  ~Scratch() { free().push_back(std::move(held_)); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  S& operator*() const { return *held_; }
  S* operator->() const { return held_.get(); }

 private:
  static std::vector<std::unique_ptr<S>>& free() {
    thread_local std::vector<std::unique_ptr<S>> all;
    return all;
  }
  std::unique_ptr<S> held_;
};

} // namespace ebm
