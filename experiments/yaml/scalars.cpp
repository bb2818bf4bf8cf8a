#include "experiments/yaml/scalars.hpp"
#include "experiments/yaml/utf8.hpp"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace ebm::experiments {
namespace {

std::nullopt_t refuse(std::string& why, std::string reason) {
  why = std::move(reason);
  return std::nullopt;
}

// The text of a plain scalar, for types that quotes exclude.
std::optional<std::string_view> plain_text(const Node& node, const std::string& expected, std::string& why) {
  if (node.kind() != Node::Kind::scalar)
    return refuse(why, "expected " + expected + ", got " + describe(node));
  if (node.quoted()) return refuse(why, describe(node) + " is a string (quoted), expected " + expected);
  return node.scalar();
}

// Removes the digits at the front, and `_` between two of them; gives the digits alone.
std::string take_digits(std::string_view& text, std::string_view digits = "0123456789") {
  std::string taken;
  const auto digit_at = [&](std::size_t i) { return i < text.size() && digits.find(text[i]) != digits.npos; };
  while (digit_at(0) || (!taken.empty() && text.starts_with('_') && digit_at(1))) {
    if (text.front() != '_') taken += text.front();
    text.remove_prefix(1);
  }
  return taken;
}

// "-" or "", so that it can be put before digits; a plus is dropped.
std::string take_sign(std::string_view& text) {
  if (!text.starts_with('-') && !text.starts_with('+')) return "";
  const bool minus = text.front() == '-';
  text.remove_prefix(1);
  return minus ? "-" : "";
}

struct Decimal {
  std::string sign, whole, fraction, exponent;
  std::string text() const { return sign + '0' + whole + '.' + fraction + 'e' + exponent; }
};

// Removes the number at the front of the text.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  number.sign = take_sign(text);
  number.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    number.fraction = take_digits(text);
  }
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  number.exponent = "0";
  if (text.starts_with('e') || text.starts_with('E')) {
    std::string_view rest = text.substr(1);
    const std::string sign = take_sign(rest);
    if (const std::string digits = take_digits(rest); !digits.empty()) {
      number.exponent = sign + digits;
      text = rest;
    }
  }
  return number;
}

// Digits without point or prefix that start with a superfluous zero: 010 is 8 in YAML 1.1 and 10 in YAML 1.2.
bool is_ambiguous(std::string_view text, std::string& why) {
  const std::string all(text), sign = take_sign(text);
  const std::string digits = take_digits(text);
  if (!text.empty() || digits.size() < 2 || digits.front() != '0') return false;
  const std::string bare = digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  std::uint64_t octal = 0;
  const auto [end, error] = std::from_chars(bare.data(), bare.data() + bare.size(), octal, 8);
  if (end != bare.data() + bare.size() || error != std::errc()) {
    why = all + " is ambiguous (leading zero): write " + sign + bare;
  } else {
    why = all + " is ambiguous (YAML 1.1 reads it as octal " + sign + std::to_string(octal) + "): write " +
          sign + bare + " or " + sign + "0o" + bare;
  }
  return true;
}

std::optional<std::int64_t> to_int64(const std::string& digits, int base, const Node& node,
                                     std::string& why) {
  std::int64_t value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value, base).ec != std::errc()) {
    return refuse(why, node.scalar() + " does not fit into a 64-bit integer");
  }
  return value;
}

// In decimal digits, as a double would round integers above 2^53.
std::optional<std::int64_t> whole_value(const Decimal& number, const Node& node, std::string& why) {
  std::string digits = number.whole + number.fraction;
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return 0;
  const bool small = number.exponent.starts_with('-');
  long shift = small ? -1'000'000 : 1'000'000; // stands for exponents that overflow
  const char* exponent = number.exponent.data();
  std::from_chars(exponent, exponent + number.exponent.size(), shift);
  shift = std::clamp(shift, -1'000'000'000L, 1'000'000'000L) - static_cast<long>(number.fraction.size());

  const std::size_t significant = digits.find_last_not_of('0') + 1;
  if (shift < 0 && static_cast<long>(digits.size() - significant) < -shift) {
    return refuse(why, "expected an integer, got " + node.scalar());
  }
  if (shift <= 0) {
    digits.resize(digits.size() - static_cast<std::size_t>(-shift));
  } else {
    constexpr long most_digits = 20; // one more than an int64 has: enough for the overflow to be seen
    digits.append(static_cast<std::size_t>(std::min(shift, most_digits)), '0');
  }
  return to_int64(number.sign + digits, 10, node, why);
}

std::optional<double> to_double(const Decimal& number, const Node& node, std::string& why) {
  const std::string text = number.text();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) {
    return refuse(why, node.scalar() + " is outside the range of a double");
  }
  return value;
}

bool is_not_finite(std::string_view text) {
  take_sign(text);
  if (text.starts_with('.')) text.remove_prefix(1);
  constexpr std::array<std::string_view, 7> names = {"inf", "Inf", "INF", "nan", "NaN", "NAN", "infinity"};
  return std::ranges::find(names, text) != names.end();
}

} // namespace

std::string describe(const Node& node) {
  constexpr std::size_t longest = 60;
  switch (node.kind()) {
  case Node::Kind::null:
    return "nothing";
  case Node::Kind::sequence:
    return "a list";
  case Node::Kind::map:
    return "a map";
  case Node::Kind::scalar:
    break;
  }
  const std::string& text = node.scalar();
  if (text.size() <= longest) return '\'' + text + '\'';
  return '\'' + text.substr(0, utf8_floor(text, longest)) + "…'";
}

std::optional<std::int64_t> parse_integer(const Node& node, std::string& why) {
  const auto text = plain_text(node, "an integer", why);
  if (!text || is_ambiguous(*text, why)) return std::nullopt;

  std::string_view rest = *text;
  const std::string sign = take_sign(rest);
  for (const auto& [prefix, digits] :
       {std::pair<std::string_view, std::string_view>{"0x", "0123456789abcdefABCDEF"},
        {"0o", "01234567"},
        {"0b", "01"}}) {
    if (!rest.starts_with(prefix)) continue;
    rest.remove_prefix(2);
    const std::string taken = take_digits(rest, digits);
    if (taken.empty() || !rest.empty()) break;
    return to_int64(sign + taken, prefix == "0x" ? 16 : prefix == "0o" ? 8 : 2, node, why);
  }

  rest = *text;
  const auto number = take_decimal(rest);
  if (!number || !rest.empty()) return refuse(why, "expected an integer, got " + describe(node));
  return whole_value(*number, node, why);
}

std::optional<double> parse_real(const Node& node, std::string& why) {
  const auto text = plain_text(node, "a number", why);
  if (!text || is_ambiguous(*text, why)) return std::nullopt;
  if (is_not_finite(*text)) return refuse(why, "a finite number is needed, got " + node.scalar());
  std::string_view rest = *text;
  const auto number = take_decimal(rest);
  if (!number || !rest.empty()) return refuse(why, "expected a number, got " + describe(node));
  return to_double(*number, node, why);
}

std::optional<bool> parse_bool(const Node& node, std::string& why) {
  const auto text = plain_text(node, "true or false", why);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return refuse(why, "write true or false, got " + describe(node));
}

std::optional<std::string> parse_text(const Node& node, std::string& why) {
  if (node.kind() != Node::Kind::scalar) return refuse(why, "expected text, got " + describe(node));
  return node.scalar();
}

std::optional<double> parse_duration_seconds(const Node& node, std::string& why) {
  const std::string expected = "expected a duration such as 60s, 10min, 2h or 2d, got " + describe(node);
  if (node.kind() != Node::Kind::scalar) return refuse(why, expected);
  std::string_view unit = node.scalar();
  const auto number = take_decimal(unit);
  if (!number) return refuse(why, expected);
  const auto value = to_double(*number, node, why);
  if (!value) return std::nullopt;
  if (std::signbit(*value)) return refuse(why, "a duration cannot be negative, got " + node.scalar());
  if (unit.empty() && *value == 0) return 0.0;
  if (unit.empty()) {
    const std::string& n = node.scalar();
    return refuse(why, n + " has no unit: write " + n + "s, " + n + "min, " + n + "h or " + n + "d");
  }
  constexpr std::array<std::pair<std::string_view, double>, 4> units = {
      {{"s", 1.0}, {"min", 60.0}, {"h", 3600.0}, {"d", 86400.0}}};
  for (const auto& [name, seconds] : units) {
    if (unit != name) continue;
    if (const double total = *value * seconds; std::isfinite(total)) return total;
    return refuse(why, node.scalar() + " is outside the range of a double");
  }
  return refuse(why,
                "unknown unit '" + std::string(unit) + "' in " + describe(node) + ": use s, min, h or d");
}

} // namespace ebm::experiments
