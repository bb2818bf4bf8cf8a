#include "experiments/report/png.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <png.h>

#include "ebm/core/error.hpp"

namespace ebm::experiments {
namespace {

std::uint8_t grey(double value, GreyScale scale) {
  const double part = (value - scale.black) / (scale.white - scale.black);
  return std::uint8_t(part > 0 ? std::lround(255 * std::min(part, 1.0)) : 0);
}

/// Length of so many tiles of `side` pixels in a row, with the lines.
std::size_t length(std::size_t tiles, std::size_t side) {
  return grid_line + tiles * (side + grid_line);
}

} // namespace

std::string png_bytes(const GreyImage& image) {
  constexpr std::size_t largest_side = 1'000'000; // libpng's own limit
  if (image.pixels.empty() || std::max(image.height, image.width) > largest_side)
    throw InputError("a PNG picture has sides from 1 to 10^6 pixels, this one has " +
                     std::to_string(image.height) + " x " + std::to_string(image.width));
  assert(image.pixels.size() == image.height * image.width);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = png_uint_32(image.width);
  png.height = png_uint_32(image.height);
  png.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0)
    throw InputError(std::string("cannot make a PNG picture: ") + png.message);
  bytes.resize(size);
  return bytes;
}

GreyScale symmetric_scale(std::span<const double> values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest > 0 ? GreyScale{-largest, largest} : GreyScale{-1, 1};
}

GridLayout grid_layout(const Tiles& tiles, std::optional<std::size_t> columns) {
  const std::size_t n = tiles.size();
  assert(n > 0);
  const double square = std::ceil(std::sqrt(double(n) * double(tiles.height) / double(tiles.width)));
  const std::size_t wide = std::clamp(columns.value_or(std::size_t(square)), std::size_t(1), n);
  GridLayout grid{wide, (n + wide - 1) / wide, 1};
  const auto longer_side = [&] {
    return std::max(length(grid.columns, tiles.width * grid.magnification),
                    length(grid.rows, tiles.height * grid.magnification));
  };
  while (longer_side() < smallest_grid) ++grid.magnification;
  return grid;
}

GreyImage tile_grid(const Tiles& tiles, GreyScale scale, std::uint8_t line,
                    std::optional<std::size_t> columns) {
  const GridLayout grid = grid_layout(tiles, columns);
  const std::size_t m = grid.magnification, height = tiles.height * m, width = tiles.width * m;
  GreyImage picture{length(grid.rows, height), length(grid.columns, width), {}};
  picture.pixels.assign(picture.height * picture.width, line);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const std::size_t top = length(t / grid.columns, height), left = length(t % grid.columns, width);
    for (std::size_t y = 0; y < height; ++y) {
      const double* const from = tiles.values.data() + t * tiles.pixels() + y / m * tiles.width;
      std::uint8_t* const to = picture.pixels.data() + (top + y) * picture.width + left;
      for (std::size_t x = 0; x < width; ++x) to[x] = grey(from[x / m], scale);
    }
  }
  return picture;
}

} // namespace ebm::experiments
