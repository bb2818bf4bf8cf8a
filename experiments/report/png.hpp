// Pictures made of pixels: grids of small grey images, as PNG files.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ebm::experiments {

/// Pixels row by row, from 0 (black) to 255 (white).
struct GreyImage {
  std::size_t height = 0, width = 0;
  std::vector<std::uint8_t> pixels;
};

/// A PNG file with 8 bits a pixel. The same image gives the same bytes. Throws InputError for an image
/// without pixels or with a side beyond 10^6.
std::string png_bytes(const GreyImage& image);

/// Images of one size: values [tiles, height · width].
struct Tiles {
  std::size_t height = 0, width = 0;
  std::vector<double> values;
  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return values.size() / pixels(); }
};

/// The values that are black and white. Those between are grey in proportion, those beyond are cut off, and
/// NaN is black.
struct GreyScale {
  double black = 0, white = 1;
};

/// From −m to m, the largest magnitude of all values: 0 is grey.
GreyScale symmetric_scale(std::span<const double> values);

/// How tiles are laid out: row by row from the top left.
struct GridLayout {
  std::size_t columns, rows;
  std::size_t magnification; ///< a pixel becomes a square of so many
};
/// Width of the lines around and between tiles, in pixels of the picture.
inline constexpr std::size_t grid_line = 2;
/// The longer side of the picture has at least so many pixels.
inline constexpr std::size_t smallest_grid = 300;
/// With so many tiles side by side, by default such that the picture is about as wide as high.
GridLayout grid_layout(const Tiles& tiles, std::optional<std::size_t> columns = {});

/// The picture; lines and places without a tile have the grey value `line`. At least one tile.
GreyImage tile_grid(const Tiles& tiles, GreyScale scale, std::uint8_t line,
                    std::optional<std::size_t> columns = {});

} // namespace ebm::experiments
