#pragma once

namespace ebm::experiments {

/// The whole `ebm` program over whatever is registered: call it from a main of your own, after adding your
/// energies to ebm::models(). The project's own models and samplers are added inside. Returns the exit code:
/// 0 done, 1 internal error, 2 bad usage or file, 3 some trials failed (or `doctor --strict` has warnings),
/// 130 interrupted.
int run_program(int argc, char** argv);

} // namespace ebm::experiments
