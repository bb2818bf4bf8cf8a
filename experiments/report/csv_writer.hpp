// Text of CSV files (RFC 4180, but with '\n' at the end of a row).
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace ebm::experiments {

/// 17 significant digits, so that reading gives the same double; an empty cell for NaN; inf and -inf.
std::string csv_number(double value);

/// Quoted where commas, quotes or line breaks ask for it.
std::string csv_cell(std::string_view text);

/// Cells as plain text, not yet quoted. Ends with '\n'.
std::string csv_row(std::span<const std::string> cells);

} // namespace ebm::experiments
