// Draws of two-valued units in one pass: log-odds, uniform, comparison; values, bits and means.
#pragma once
#include "ebm/random/draws.hpp"

namespace ebm::random {

/// x = high where u < sigmoid(scale · eta), low elsewhere, with the uniforms of `address`: eta [chains,
/// columns], and the same shape for x and, where asked, its means low + (high − low) sigmoid(scale · eta). A
/// NaN in eta gives NaN in x and means. False if there was one: the bits then say less than the values.
template <std::floating_point T>
bool draw_two_valued(Key key, const Address& address, const Batch<T>& eta, T scale, const ValuesAndBits<T>& x,
                     Batch<T>* means);

} // namespace ebm::random
