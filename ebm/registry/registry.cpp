#include "ebm/registry/registry.hpp"

namespace ebm {

ModelRegistry& models() {
  static ModelRegistry registry;
  return registry;
}

SamplerRegistry& samplers() {
  static SamplerRegistry registry;
  return registry;
}

} // namespace ebm
