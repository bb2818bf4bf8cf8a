#pragma once

namespace ebm {
/// Adds every model of this folder to ebm::models(). Calling it again does nothing.
void register_models();
} // namespace ebm
