#pragma once

namespace ebm {
/// Adds every model of this folder to ebm::models(); once a process.
void register_models();
} // namespace ebm
