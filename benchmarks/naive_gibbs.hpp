// What a plain program does: the yardstick for the scans of self-coupled blocks.
#pragma once
#include <cstddef>
#include <random>

/// A systematic Gibbs sweep of 0/1 units with couplings J [n, n] and biases [n], chain by chain and site by
/// site, each field a product of its own; x [chains, n].
void naive_gibbs_sweep(const float* J, const float* bias, std::size_t n, std::size_t chains,
                       std::mt19937& generator, float* x);
