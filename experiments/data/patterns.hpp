// Small data sets that follow from a rule.
#pragma once
#include "experiments/data/dataset.hpp"

namespace ebm::experiments {

/// Bars and stripes (MacKay, Information Theory, Inference, and Learning Algorithms, 2003, chapter 43):
/// side x side images in which each row is constant, then those in which each column is; 2 * 2^side in all.
/// All-off and all-on are both kinds; `constant_twice` keeps their second copies.
RawRows bars_and_stripes(std::size_t side, bool constant_twice);

/// The labeled shifter ensemble (MacKay 2003, chapter 43): each state x of `bits` bits, x
/// shifted by -1, 0 or +1 with wrap-around, and the shift as three one-hot bits; 3 * 2^bits rows.
RawRows labeled_shifter_ensemble(std::size_t bits);

/// Fair, independent bits: the same first rows for any number of them.
RawRows random_patterns(std::size_t rows, std::size_t columns, std::uint64_t seed);

} // namespace ebm::experiments
