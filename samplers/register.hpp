#pragma once

namespace ebm {
/// Adds every sampler of this folder to ebm::samplers(). Calling it again does nothing.
void register_samplers();
} // namespace ebm
