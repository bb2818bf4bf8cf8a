// Where a key that is wrong here would be right, and the keys that may be swept or overridden.
#pragma once
#include "experiments/yaml/node.hpp"

namespace ebm::experiments {

/// For a key that section `path` does not have: "; it belongs under trainer.optimizer", "; it comes with
/// trainer.method cd, exact, pcd", ", did you mean 'momentum' under trainer.optimizer?", or nothing.
std::string belongs_elsewhere(const std::string& path, const std::string& key);

/// Nothing if some experiment may have the dotted key, else what is wrong with it and the nearest legal key.
std::optional<std::string> unknown_dotted_key(const std::string& key);

/// Puts a value at a dotted key. Unlike Node::with, what is missing on the way gets the origin of the key,
/// and a scalar that stands for a mapping (`hidden: 12` for `hidden: {size: 12}`) is kept as that mapping's
/// part.
Node assign(const Node& tree, const std::string& key, const Node& value, const Origin& key_origin);

} // namespace ebm::experiments
