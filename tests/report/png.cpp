#include "ebm/core/error.hpp"
#include "tests/report/png_support.hpp"

#include <limits>

using namespace ebm::experiments;
using namespace ebm::experiments::testing;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(report_png)

BOOST_AUTO_TEST_CASE(pixels_come_back_and_bytes_are_the_same) {
  GreyImage image{37, 261, {}};
  for (std::size_t i = 0; i < image.height * image.width; ++i)
    image.pixels.push_back(std::uint8_t(i * i / 7 + i / 3));
  const std::string bytes = png_bytes(image);
  BOOST_TEST(bytes.starts_with("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\5\0\0\0\45\10\0"s));
  const GreyImage back = decode_png(bytes);
  BOOST_TEST(back.height == image.height);
  BOOST_TEST(back.width == image.width);
  BOOST_TEST(back.pixels == image.pixels);
  BOOST_TEST((png_bytes(image) == bytes));
  image.pixels[5000] = std::uint8_t(image.pixels[5000] + 1);
  BOOST_TEST((png_bytes(image) != bytes));
}

BOOST_AUTO_TEST_CASE(impossible_images_are_refused) {
  BOOST_CHECK_THROW(png_bytes({}), ebm::InputError);
  BOOST_CHECK_THROW(png_bytes({1, 1'000'001, std::vector<std::uint8_t>(1'000'001)}), ebm::InputError);
}

BOOST_AUTO_TEST_CASE(symmetric_scales_keep_zero_grey) {
  const std::vector<double> values{-0.5, 3, 0};
  const GreyScale scale = symmetric_scale(values);
  BOOST_TEST(scale.black == -3);
  BOOST_TEST(scale.white == 3);
  const Tiles tiles{1, 3, {0, -3, 3}};
  const GreyImage picture = tile_grid(tiles, scale, 0);
  const GridLayout grid = grid_layout(tiles);
  BOOST_TEST(pixel(picture, grid, tiles, 0, 0, 0) == 128);
  BOOST_TEST(pixel(picture, grid, tiles, 0, 0, 1) == 0);
  BOOST_TEST(pixel(picture, grid, tiles, 0, 0, 2) == 255);
  const std::vector<double> nothing{0, 0};
  BOOST_TEST(symmetric_scale(nothing).white == 1);
}

BOOST_AUTO_TEST_CASE(tiles_stand_in_rows_between_lines) {
  // Five tiles of 2 x 3: three columns would be too wide for a square, so there are two and a half rows.
  Tiles tiles{2, 3, {}};
  for (int i = 0; i < 30; ++i) tiles.values.push_back(i);
  const GridLayout grid = grid_layout(tiles);
  BOOST_TEST(grid.columns == 2u);
  BOOST_TEST(grid.rows == 3u);
  const GreyImage picture = tile_grid(tiles, {0, 255}, 77);
  BOOST_TEST(picture.width == grid_line + 2 * (3 * grid.magnification + grid_line));
  BOOST_TEST(picture.height == grid_line + 3 * (2 * grid.magnification + grid_line));
  BOOST_TEST(picture.pixels.size() == picture.width * picture.height);
  std::size_t of_value_0 = 0, of_line = 0;
  for (const std::uint8_t p : picture.pixels) of_value_0 += p == 0 ? 1 : 0, of_line += p == 77 ? 1 : 0;
  const std::size_t square = grid.magnification * grid.magnification;
  BOOST_TEST(of_value_0 == square); // hard edges
  BOOST_TEST(of_line == picture.pixels.size() - 30 * square);
  for (std::size_t t = 0; t < 5; ++t)
    for (std::size_t y = 0; y < 2; ++y)
      for (std::size_t x = 0; x < 3; ++x)
        BOOST_TEST(pixel(picture, grid, tiles, t, y, x) == 6 * t + 3 * y + x);
  const std::size_t first = grid_line, last = grid_line + grid.magnification - 1; // of the first pixel
  for (const std::size_t corner : {first * picture.width + first, last * picture.width + last})
    BOOST_TEST(picture.pixels[corner] == 0);
}

BOOST_AUTO_TEST_CASE(pictures_are_large_enough_and_not_larger) {
  for (const auto& [tile, n] :
       std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {4, 12}, {28, 64}, {400, 2}}) {
    const Tiles tiles{tile, tile, std::vector<double>(n * tile * tile)};
    const GreyImage picture = tile_grid(tiles, {}, 0);
    BOOST_TEST(picture.width >= smallest_grid);
    const std::size_t m = grid_layout(tiles).magnification;
    const std::size_t step = grid_layout(tiles).columns * tile;
    BOOST_TEST((m == 1 || picture.width - step < smallest_grid), "magnified " << m << " times");
  }
  const Tiles column{784, 1, std::vector<double>(784)};
  BOOST_TEST(grid_layout(column).magnification == 1u);
}

BOOST_AUTO_TEST_CASE(values_beyond_the_scale_are_cut_off) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tiles tiles{1, 6, {-1e300, -0.1, 1.1, inf, -inf, std::numeric_limits<double>::quiet_NaN()}};
  const GridLayout grid = grid_layout(tiles);
  const GreyImage picture = tile_grid(tiles, {0, 1}, 128);
  const std::vector<int> expected{0, 0, 255, 255, 0, 0};
  for (std::size_t x = 0; x < 6; ++x) BOOST_TEST(int(pixel(picture, grid, tiles, 0, 0, x)) == expected[x]);
}

BOOST_AUTO_TEST_SUITE_END()
