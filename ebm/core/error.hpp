// The two families of errors: our own bug is an assert; the user's input is an InputError.
#pragma once
#include <stdexcept>
#include <string>

namespace ebm {

/// Something the user gave is wrong. The message says what, where and what is allowed; no message ends in
/// a full stop, so that callers can prepend a place ("exp.yaml:3:1: error: ").
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The energy has no such method, or not for this value (its couplings, its unit kinds).
class CapabilityError : public InputError {
 public:
  using InputError::InputError;
};

/// A number that must be finite is not: learning went astray. The trial ends as `diverged`.
class DivergenceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

} // namespace ebm
