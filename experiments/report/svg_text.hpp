// Text inside an SVG.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace ebm::experiments {

/// Well-formed XML whatever the bytes: markup escaped; what XML 1.0 cannot hold becomes U+FFFD.
std::string xml_escape(std::string_view text);

/// At most `width` code points, with an ellipsis for the middle, as names of settings differ at both ends.
std::string shortened(std::string_view text, std::size_t width);

} // namespace ebm::experiments
