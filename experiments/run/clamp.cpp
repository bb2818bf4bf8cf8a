#include "experiments/run/clamp.hpp"

#include <charconv>
#include <fmt/format.h>

#include "experiments/yaml/diagnostics.hpp"

namespace ebm::experiments {
namespace {

/// "a,b,c" in parts.
std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma == list.npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

template <class N> bool parse(std::string_view text, N& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

class ClampReader {
 public:
  ClampReader(const StateSpace& space, std::optional<ImageSize> image) : space_(space), image_(image) {
    clamp_.columns.resize(space.visible_columns());
    clamp_.fixed.resize(space.size());
    clamp_.values.resize(space.size());
  }

  void read(const std::string& text) {
    text_ = text;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::string_view list =
        equals == text.npos ? std::string_view() : std::string_view(text).substr(equals + 1);
    if (const auto block = space_.find(name))
      read_block(*block, equals == text.npos ? std::nullopt : std::optional(list));
    else if (name == "columns")
      for_each_number(list, "columns", clamp_.columns.size(),
                      [&](std::size_t j) { clamp_.columns[j] = true; });
    else if (name == "rows")
      read_rows(list);
    else
      unknown(name);
  }

  Clamp finish() {
    std::size_t offset = 0;
    for (BlockId b = 0; b < space_.size(); ++b) {
      const Block& block = space_[b];
      if (block.latent()) continue;
      for (SiteId j = 0; j < block.sites; ++j) fix_site(b, j, offset + j * block.width());
      offset += block.columns();
    }
    if (std::ranges::find(clamp_.columns, false) == clamp_.columns.end())
      throw InputError("--clamp: all visible columns are clamped: there is nothing left to sample");
    return std::move(clamp_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw InputError(fmt::format("--clamp {}: {}", text_, why));
  }

  [[noreturn]] void unknown(const std::string& name) const {
    std::vector<std::string> names, known{"columns", "rows"};
    for (const Block& b : space_.blocks()) names.push_back(b.name);
    known.insert(known.end(), names.begin(), names.end());
    fail(fmt::format("there is no block '{}'{}; expected columns=…, rows=… or a block: {}", name,
                     did_you_mean(name, known), fmt::join(names, ", ")));
  }

  /// f(number) for a list such as 3,7,10-20.
  template <class F> void for_each_number(std::string_view list, const char* what, std::size_t n, F f) const {
    for (const std::string_view part : parts_of(list)) {
      const std::size_t dash = part.find('-');
      std::size_t first = 0, last = 0;
      const bool good = parse(part.substr(0, dash), first) &&
                        (dash == part.npos ? parse(part, last) : parse(part.substr(dash + 1), last)) &&
                        first <= last;
      if (!good) fail(fmt::format("expected numbers and ranges such as 3,7,10-20, found '{}'", part));
      if (last >= n) fail(fmt::format("there is no {}: the {} are 0 to {}", last, what, n - 1));
      for (std::size_t i = first; i <= last; ++i) f(i);
    }
  }

  void read_rows(std::string_view list) {
    if (!image_) fail("rows are those of an image, and the visible columns are not the pixels of one");
    const auto [height, width] = *image_;
    for_each_number(list, "rows of the image", height, [&](std::size_t i) {
      std::fill_n(clamp_.columns.begin() + std::ptrdiff_t(i * width), width, true);
    });
  }

  void read_block(BlockId b, std::optional<std::string_view> list) {
    const Block& block = space_[b];
    if (!list && block.latent())
      fail(fmt::format("block '{}' is latent, so rows of data have no values for it: give them, {}=v1,v2,…",
                       block.name, block.name));
    if (list) read_values(b, *list);
    if (block.latent()) {
      clamp_.fixed[b].assign(block.sites, true);
      return;
    }
    std::size_t offset = 0;
    for (BlockId a = 0; a < b; ++a)
      if (!space_[a].latent()) offset += space_[a].columns();
    std::fill_n(clamp_.columns.begin() + std::ptrdiff_t(offset), block.columns(), true);
  }

  void read_values(BlockId b, std::string_view list) {
    const Block& block = space_[b];
    std::vector<double>& values = clamp_.values[b];
    if (!values.empty()) fail(fmt::format("block '{}' has got values before", block.name));
    for (const std::string_view part : parts_of(list))
      if (!parse(part, values.emplace_back()) || !std::isfinite(values.back()))
        fail(fmt::format("expected a number, found '{}'", part));
    if (values.size() != block.columns())
      fail(fmt::format("block '{}' has {} columns, and {} values were given", block.name, block.columns(),
                       values.size()));
    for (SiteId j = 0; j < block.sites; ++j) check_site(block, {&values[j * block.width()], block.width()});
  }

  void check_site(const Block& block, std::span<const double> site) const {
    if (std::holds_alternative<units::Categorical>(block.unit)) {
      if (std::ranges::count(site, 1.0) != 1 || std::size_t(std::ranges::count(site, 0.0)) + 1 != site.size())
        fail(fmt::format("a categorical unit has a 1 in one of its {} columns and 0 in the others, found {}",
                         site.size(), fmt::join(site, ",")));
      return;
    }
    const double v = site[0];
    const bool spin = std::holds_alternative<units::Spin>(block.unit), rectified = block.rectified();
    if (spin ? v != -1 && v != 1 : rectified ? v < 0 : block.discrete() && (v < 0 || v > block.highest()))
      fail(fmt::format("{} units take {}, found {}", block.unit_name(),
                       spin        ? "-1 and 1"
                       : rectified ? "values from 0 on"
                                   : fmt::format("values from 0 to {}", block.highest()),
                       v));
  }

  /// A site is clamped with all its columns, of which `first` is the first.
  void fix_site(BlockId b, SiteId j, std::size_t first) {
    const auto from = clamp_.columns.begin() + std::ptrdiff_t(first);
    const auto clamped = std::count(from, from + std::ptrdiff_t(space_[b].width()), true);
    if (clamped == 0) return;
    if (std::size_t(clamped) != space_[b].width())
      throw InputError(fmt::format("--clamp: columns {} to {} are one categorical unit: clamp all of them or "
                                   "none",
                                   first, first + space_[b].width() - 1));
    clamp_.fixed[b].resize(space_[b].sites);
    clamp_.fixed[b][j] = true;
  }

  const StateSpace& space_;
  std::optional<ImageSize> image_;
  Clamp clamp_;
  std::string text_; ///< that is being read
};

} // namespace

bool Clamp::empty() const {
  return std::ranges::all_of(fixed, [](const std::vector<bool>& sites) { return sites.empty(); });
}

bool Clamp::needs_rows(const StateSpace& space) const {
  for (BlockId b = 0; b < space.size(); ++b)
    if (!fixed[b].empty() && values[b].empty()) return true;
  return false;
}

void Clamp::standardize(const StateSpace& space, std::span<const double> location,
                        std::span<const double> spread) {
  std::size_t first = 0;
  for (BlockId b = 0; b < space.size(); ++b) {
    if (space[b].latent()) continue;
    for (std::size_t j = 0; j < values[b].size() && first + j < location.size(); ++j)
      values[b][j] = (values[b][j] - location[first + j]) / spread[first + j];
    first += space[b].columns();
  }
}

template <std::floating_point T> void Clamp::write_values(State<T>& x) const {
  for (BlockId b = 0; b < values.size(); ++b) {
    if (values[b].empty()) continue;
    for (std::size_t c = 0; c < x.chains(); ++c)
      std::ranges::transform(values[b], row(x.values(b), c).begin(), [](double v) { return T(v); });
    x.find_bits(b);
  }
}
template void Clamp::write_values<float>(State<float>&) const;
template void Clamp::write_values<double>(State<double>&) const;

Clamp read_clamp(std::span<const std::string> texts, const StateSpace& space,
                 std::optional<ImageSize> image) {
  ClampReader reader(space, image);
  for (const std::string& text : texts) reader.read(text);
  return reader.finish();
}

} // namespace ebm::experiments
