// PNG files back into pixels, by libpng.
#pragma once
#include "experiments/report/png.hpp"

#include <boost/test/unit_test.hpp>
#include <png.h>

namespace ebm::experiments::testing {

inline GreyImage decode_png(const std::string& bytes) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  BOOST_REQUIRE(png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) != 0);
  BOOST_TEST(png.format == png_uint_32(PNG_FORMAT_GRAY));
  GreyImage image{png.height, png.width, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(png))};
  BOOST_REQUIRE(png_image_finish_read(&png, nullptr, image.pixels.data(), 0, nullptr) != 0);
  return image;
}

/// Grey value of the pixel in the middle of a cell of the grid.
inline std::uint8_t pixel(const GreyImage& picture, const GridLayout& grid, const Tiles& tiles,
                          std::size_t tile, std::size_t y, std::size_t x) {
  const std::size_t m = grid.magnification;
  const std::size_t top = grid_line + tile / grid.columns * (tiles.height * m + grid_line);
  const std::size_t left = grid_line + tile % grid.columns * (tiles.width * m + grid_line);
  return picture.pixels[(top + y * m + m / 2) * picture.width + left + x * m + m / 2];
}

} // namespace ebm::experiments::testing
