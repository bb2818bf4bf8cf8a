#pragma once

namespace ebm {
/// Adds every sampler of this folder to ebm::samplers(); once a process.
void register_samplers();
} // namespace ebm
