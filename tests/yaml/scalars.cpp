#include "experiments/yaml/scalars.hpp"
#include <boost/test/unit_test.hpp>
#include <limits>

using namespace ebm::experiments;

namespace {

Node plain(std::string text) {
  return Node::make_scalar(std::move(text), {});
}
Node quoted(std::string text) {
  return Node::make_scalar(std::move(text), {}, true);
}
const Node a_list = Node::make_sequence({}, {}), a_map = Node::make_map({}, {});

// The value, or why there is none.
template <typename Parse> std::string result(Parse parse, const Node& node) {
  std::string why;
  const auto value = parse(node, why);
  if (!value) return why;
  if constexpr (requires { std::to_string(*value); }) return std::to_string(*value);
  return "?";
}

std::string integer(const Node& node) {
  return result(parse_integer, node);
}
std::string real_error(const Node& node) {
  return result(parse_real, node);
}

double real(const std::string& text) {
  std::string why;
  return parse_real(plain(text), why).value_or(std::numeric_limits<double>::quiet_NaN());
}

double seconds(const std::string& text) {
  std::string why;
  return parse_duration_seconds(plain(text), why).value_or(-1.0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(yaml_scalars)

BOOST_AUTO_TEST_CASE(integers) {
  const std::vector<std::pair<const char*, const char*>> values = {
      {"0", "0"},
      {"-0", "0"},
      {"+7", "7"},
      {"-12", "-12"},
      {"1_000_000", "1000000"},
      {"1e6", "1000000"},
      {"1E+2", "100"},
      {"1.5e3", "1500"},
      {"5.", "5"},
      {"5.0", "5"},
      {"1200e-2", "12"},
      {"0e9999999999999999999", "0"},
      {"0.0", "0"},
      {"0x10", "16"},
      {"-0xfF", "-255"},
      {"0o10", "8"},
      {"0b1", "1"},
      {"0b1_0", "2"},
      {"9007199254740993.0", "9007199254740993"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0x7fffffffffffffff", "9223372036854775807"},
      {"9223372036854775807000e-3", "9223372036854775807"}};
  for (const auto& [text, value] : values) BOOST_TEST(integer(plain(text)) == value, text);
}

BOOST_AUTO_TEST_CASE(no_integers) {
  BOOST_TEST(integer(plain("abc")) == "expected an integer, got 'abc'");
  BOOST_TEST(integer(quoted("5")) == "'5' is a string (quoted), expected an integer");
  BOOST_TEST(integer(Node()) == "expected an integer, got nothing");
  BOOST_TEST(integer(a_list) == "expected an integer, got a list");
  BOOST_TEST(integer(a_map) == "expected an integer, got a map");
  BOOST_TEST(integer(plain("2.5")) == "expected an integer, got 2.5");
  BOOST_TEST(integer(plain("1e-1")) == "expected an integer, got 1e-1");
  BOOST_TEST(integer(plain("1e-99999999999999999999")) == "expected an integer, got 1e-99999999999999999999");
  for (const char* text :
       {"",     "-",   "+",   ".",  "_1", "1_",    "1__0", "0x",  "0xg",  "0b2", "0o8",
        "0x1.", "--1", "1 2", "1e", "e1", "1,000", "0X10", "12a", "1.e.", "inf", "\xc2\xb2"}) {
    BOOST_TEST(integer(plain(text)) == "expected an integer, got '" + std::string(text) + "'");
  }
}

BOOST_AUTO_TEST_CASE(integers_out_of_range) {
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999",
                           "0x8000000000000000", "1e300"}) {
    BOOST_TEST(integer(plain(text)) == std::string(text) + " does not fit into a 64-bit integer");
  }
}

BOOST_AUTO_TEST_CASE(leading_zeros) {
  BOOST_TEST(integer(plain("010")) == "010 is ambiguous (YAML 1.1 reads it as octal 8): write 10 or 0o10");
  BOOST_TEST(integer(plain("-0_10")) ==
             "-0_10 is ambiguous (YAML 1.1 reads it as octal -8): write -10 or -0o10");
  BOOST_TEST(integer(plain("00")) == "00 is ambiguous (YAML 1.1 reads it as octal 0): write 0 or 0o0");
  BOOST_TEST(integer(plain("08")) == "08 is ambiguous (leading zero): write 8");
  BOOST_TEST(integer(plain("0777777777777777777777777")) ==
             "0777777777777777777777777 is ambiguous (leading zero): write 777777777777777777777777");
  BOOST_TEST(real_error(plain("010")) == "010 is ambiguous (YAML 1.1 reads it as octal 8): write 10 or 0o10");
}

BOOST_AUTO_TEST_CASE(reals) {
  BOOST_TEST(real("1e-4") == 1e-4);
  BOOST_TEST(real("1.0e-04") == 1e-4);
  BOOST_TEST(real(".5") == 0.5);
  BOOST_TEST(real("5.") == 5.0);
  BOOST_TEST(real("+1") == 1.0);
  BOOST_TEST(real("-2.5E+3") == -2500.0);
  BOOST_TEST(real("1_000.5") == 1000.5);
  BOOST_TEST(real("0.1") == 0.1);
  BOOST_TEST(real("0") == 0.0);
  BOOST_TEST(real("1.7976931348623157e308") == std::numeric_limits<double>::max());
  BOOST_TEST(real("2.2250738585072014e-308") == std::numeric_limits<double>::min());
  BOOST_TEST(real("5e-324") == std::numeric_limits<double>::denorm_min());
}

BOOST_AUTO_TEST_CASE(no_reals) {
  for (const char* text : {".inf", "-.inf", "+.Inf", ".nan", ".NaN", "inf", "-inf", "nan", "infinity"}) {
    BOOST_TEST(real_error(plain(text)) == "a finite number is needed, got " + std::string(text));
  }
  for (const char* text :
       {"", ".", "-", "1e", "1e+", "e5", "0x10", "1,5", "1.2.3", "1 000", "abc", "1f", "- 1", "+-1"}) {
    BOOST_TEST(real_error(plain(text)) == "expected a number, got '" + std::string(text) + "'");
  }
  BOOST_TEST(real_error(plain("1e400")) == "1e400 is outside the range of a double");
  BOOST_TEST(real_error(plain("-1e400")) == "-1e400 is outside the range of a double");
  BOOST_TEST(real_error(plain("1e-400")) == "1e-400 is outside the range of a double");
  BOOST_TEST(real_error(quoted("0.1")) == "'0.1' is a string (quoted), expected a number");
  BOOST_TEST(real_error(Node()) == "expected a number, got nothing");
}

BOOST_AUTO_TEST_CASE(booleans) {
  std::string why;
  BOOST_TEST((parse_bool(plain("true"), why) == true));
  BOOST_TEST((parse_bool(plain("false"), why) == false));
  for (const char* text : {"yes", "no", "on", "off", "True", "FALSE", "1", "0", ""}) {
    BOOST_TEST(result(parse_bool, plain(text)) == "write true or false, got '" + std::string(text) + "'");
  }
  BOOST_TEST(result(parse_bool, quoted("true")) == "'true' is a string (quoted), expected true or false");
  BOOST_TEST(result(parse_bool, a_map) == "expected true or false, got a map");
}

BOOST_AUTO_TEST_CASE(texts) {
  std::string why;
  BOOST_TEST(parse_text(plain("cd"), why).value() == "cd");
  BOOST_TEST(parse_text(plain("5"), why).value() == "5");
  BOOST_TEST(parse_text(quoted(""), why).value() == "");
  BOOST_TEST(result(parse_text, Node()) == "expected text, got nothing");
  BOOST_TEST(result(parse_text, a_list) == "expected text, got a list");
}

BOOST_AUTO_TEST_CASE(durations) {
  BOOST_TEST(seconds("60s") == 60.0);
  BOOST_TEST(seconds("10min") == 600.0);
  BOOST_TEST(seconds("2h") == 7200.0);
  BOOST_TEST(seconds("2d") == 172800.0);
  BOOST_TEST(seconds("1.5h") == 5400.0);
  BOOST_TEST(seconds("1e3s") == 1000.0);
  BOOST_TEST(seconds("0") == 0.0);
  BOOST_TEST(seconds("0s") == 0.0);
  const auto error = [](const Node& node) { return result(parse_duration_seconds, node); };
  BOOST_TEST(error(quoted("60s")) == "60.000000");
  BOOST_TEST(error(plain("60")) == "60 has no unit: write 60s, 60min, 60h or 60d");
  BOOST_TEST(error(plain("10m")) == "unknown unit 'm' in '10m': use s, min, h or d");
  BOOST_TEST(error(plain("10 min")) == "unknown unit ' min' in '10 min': use s, min, h or d");
  BOOST_TEST(error(plain("-5s")) == "a duration cannot be negative, got -5s");
  BOOST_TEST(error(plain("1e308d")) == "1e308d is outside the range of a double");
  BOOST_TEST(error(plain("1e999s")) == "1e999s is outside the range of a double");
  BOOST_TEST(error(plain("soon")) == "expected a duration such as 60s, 10min, 2h or 2d, got 'soon'");
  BOOST_TEST(error(plain("s")) == "expected a duration such as 60s, 10min, 2h or 2d, got 's'");
  BOOST_TEST(error(Node()) == "expected a duration such as 60s, 10min, 2h or 2d, got nothing");
}

BOOST_AUTO_TEST_CASE(long_scalars_are_cut_in_messages) {
  BOOST_TEST(describe(plain(std::string(60, 'x'))) == '\'' + std::string(60, 'x') + '\'');
  BOOST_TEST(describe(plain(std::string(59, 'x') + "éé")) == '\'' + std::string(59, 'x') + "…'");
}

BOOST_AUTO_TEST_SUITE_END()
