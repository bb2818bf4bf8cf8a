// What a law found.
#pragma once
#include <string>

namespace ebm::laws {

/// `worst` is the largest deviation seen, in the units of `bound`. A law that does not apply to an energy (no
/// latents, no parameters) says why and has passed nothing.
struct Report {
  bool applies = true;
  double worst = 0, bound = 0;
  std::string message; ///< where the worst deviation was, or why the law does not apply
  bool passed() const { return applies && worst <= bound; }
  bool failed() const { return applies && !(worst <= bound); }

  /// Keeps the larger deviation; NaN counts as the largest.
  void see(double deviation, const std::string& where) {
    if (!(deviation <= worst)) {
      worst = deviation == deviation ? deviation : 1e300;
      message = where;
    }
  }
  static Report not_applicable(std::string why) { return {false, 0, 0, std::move(why)}; }
};

} // namespace ebm::laws
