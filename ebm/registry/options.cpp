#include "ebm/registry/options.hpp"

#include <cmath>

namespace ebm {

namespace {
std::string plain(double v) {
  std::string s = std::to_string(v);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s;
}
} // namespace

std::string Limits::text() const {
  const bool lower = std::isfinite(low) && low > -9.0e15, upper = std::isfinite(high) && high < 9.0e15;
  if (lower && upper && !open_low && !open_high) return "from " + plain(low) + " to " + plain(high);
  std::string s;
  if (lower) s = open_low ? "> " + plain(low) : "at least " + plain(low);
  if (upper)
    s += std::string(s.empty() ? "" : " and ") + (open_high ? "< " + plain(high) : "at most " + plain(high));
  return s;
}

} // namespace ebm
