#include "experiments/io/npy.hpp"
#include "experiments/io/npz.hpp"
#include "tests/data/map_visitor.hpp"
#include "tests/io/io_support.hpp"

#include <limits>

using namespace ebm::experiments;
using namespace ebm::experiments::data_testing;
using namespace ebm::experiments::testing;
using namespace std::string_literals;

namespace {

using Doubles = std::vector<double>;

std::string idx(const std::vector<std::uint8_t>& shape, const std::string& data) {
  std::string file = "\0\0\x08"s + char(shape.size());
  for (const std::uint8_t n : shape) file += "\0\0\0"s + char(n);
  return file + data;
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_type_registry)

BOOST_AUTO_TEST_CASE(every_type_is_described) {
  for (const char* name :
       {"bars_and_stripes", "labeled_shifter_ensemble", "idx", "mnist", "csv", "npy", "npz"})
    BOOST_TEST(data_types().contains(name), name);
  for (const auto& [name, type] : data_types()) {
    BOOST_TEST(type.name == name);
    BOOST_TEST(!type.doc.empty());
  }
}

BOOST_AUTO_TEST_CASE(idx_keeps_bytes_and_image_size) {
  const TemporaryDirectory place;
  place.put("images", idx({2, 1, 2}, "\1\2\3\xff"));
  place.put("test", gzip(idx({1, 1, 2}, "\5\6")));
  place.put("labels", idx({2}, "\7\x9"));
  place.put("test_labels", idx({1}, "\4"));
  const RawData data = load(
      "idx", {{"path", "images"}, {"test", "test"}, {"labels", "labels"}, {"test_labels", "test_labels"}},
      place.directory);
  BOOST_TEST(data.train.rows == 2u);
  BOOST_TEST(bytes(data.train) == (std::vector<std::uint8_t>{1, 2, 3, 255}));
  BOOST_TEST(bytes(data.test.value()) == (std::vector<std::uint8_t>{5, 6}));
  BOOST_TEST((data.image == ImageSize{1, 2}));
  BOOST_TEST(data.labels == (Doubles{7, 9}));
  BOOST_TEST(data.test_labels == Doubles{4});
  BOOST_TEST(!data.split_allowed);

  place.put("table", idx({1, 3}, "abc"));
  const RawData table = load("idx", {{"path", (place.directory / "table").string()}}, "/elsewhere");
  BOOST_TEST(table.train.columns == 3u);
  BOOST_TEST(!table.image);
  BOOST_TEST(!table.test);
  BOOST_TEST(table.split_allowed);
}

BOOST_AUTO_TEST_CASE(idx_refuses_files_that_do_not_fit) {
  const TemporaryDirectory place;
  place.put("images", idx({2, 1, 2}, "\1\2\3\4"));
  place.put("tall", idx({1, 2, 1}, "\1\2"));
  place.put("wide", idx({1, 3}, "\1\2\3"));
  place.put("labels", idx({3}, "\1\2\3"));
  place.put("none", idx({0, 1, 2}, ""));
  place.put("narrow", idx({2, 1, 0}, ""));
  const auto attempt = [&](Values values) {
    return [&place, values] { load("idx", values, place.directory); };
  };
  const std::string images = (place.directory / "images").string();
  check_message(attempt({{"path", "images"}, {"test", "tall"}}),
                "tall: expected images of 1 x 2 as in " + images + ", found 2 x 1");
  check_message(attempt({{"path", "images"}, {"test", "wide"}}),
                "wide: expected 2 columns as in " + images + ", found 3");
  check_message(attempt({{"path", "images"}, {"labels", "labels"}}),
                "labels: expected 2 labels, one for each row of " + images + ", found the shape 3");
  check_message(attempt({{"path", "images"}, {"labels", "wide"}}), "wide: expected 2 labels");
  check_message(attempt({{"path", "labels"}}), "labels: expected 2 or more dimensions, rows first, found 1");
  check_message(attempt({{"path", "none"}}),
                "none: expected at least one row and one column, found the shape 0 x 1 x 2");
  check_message(attempt({{"path", "narrow"}}), "found the shape 2 x 1 x 0");
  check_message(attempt({{"path", "images"}, {"test_labels", "labels"}}), "expected 'test' along with");
  check_message(attempt({}), "data.path is missing: give a data file");
  check_message(attempt({{"path", "images"}, {"test", ""}}), "expected the path of a data file, found none");
  check_message(attempt({{"path", "missing"}}), "missing: cannot open");
}

BOOST_AUTO_TEST_CASE(mnist_finds_its_four_files) {
  const TemporaryDirectory place;
  const Values here{{"dir", place.directory.string()}};
  check_message([&] { load("mnist", here); }, "expected the file train-images-idx3-ubyte or "
                                              "train-images-idx3-ubyte.gz, found neither");
  place.put("train-images-idx3-ubyte", idx({2, 1, 2}, "\1\2\3\4"));
  place.put("t10k-images-idx3-ubyte.gz", gzip(idx({1, 1, 2}, "\5\6")));
  place.put("train-labels-idx1-ubyte.gz", gzip(idx({2}, "\7\x8")));
  check_message([&] { load("mnist", here); }, "t10k-labels-idx1-ubyte");
  place.put("t10k-labels-idx1-ubyte", idx({1}, "\x9"));
  const RawData data =
      load("mnist", {{"dir", place.directory.filename().string()}}, place.directory.parent_path());
  BOOST_TEST(data.train.rows == 2u);
  BOOST_TEST(data.test.value().rows == 1u);
  BOOST_TEST(data.labels == (Doubles{7, 8}));
  BOOST_TEST(data.test_labels == Doubles{9});
}

BOOST_AUTO_TEST_CASE(csv_takes_labels_and_delimiter) {
  const TemporaryDirectory place;
  place.put("train", "a;b;kind\n1;2.5;0\n3;4;1\n");
  place.put("test", "a;b;kind\n5;6;2\n");
  place.put("wide", "a;b;c;kind\n5;6;7;2\n");
  const Values values{{"path", "train"}, {"test", "test"}, {"label_column", "kind"}, {"delimiter", ";"}};
  const RawData data = load("csv", values, place.directory);
  BOOST_TEST(numbers(data.train) == (Doubles{1, 2.5, 3, 4}));
  BOOST_TEST(data.labels == (Doubles{0, 1}));
  BOOST_TEST(numbers(data.test.value()) == (Doubles{5, 6}));
  BOOST_TEST(data.test_labels == Doubles{2});

  Values wrong = values;
  wrong["test"] = "wide";
  check_message([&] { load("csv", wrong, place.directory); }, "wide: expected 2 columns as in ");
  wrong["delimiter"] = "tab";
  check_message([&] { load("csv", wrong, place.directory); },
                "expected one character as 'delimiter', found 'tab'");
  place.put("header", "a;b\n");
  check_message(
      [&] {
        load("csv", {{"path", "header"}, {"delimiter", ";"}}, place.directory);
      },
      "header: expected rows of numbers, found none");
}

BOOST_AUTO_TEST_CASE(csv_test_tables_have_the_columns_of_the_training_table) {
  const TemporaryDirectory place;
  place.put("train", "a,b,kind\n1,2,0\n");
  place.put("plain", "5,6,1\n");
  const auto attempt = [&](const std::string& train, const std::string& test) {
    return load("csv", {{"path", train}, {"test", test}, {"label_column", "last"}}, place.directory);
  };
  const auto refused = [&](const std::string& header, const std::string& difference) {
    place.put("test", header + "\n5,6,1\n");
    check_message([&] { attempt("train", "test"); }, (place.directory / "test").string() +
                                                         ": expected the columns of " +
                                                         (place.directory / "train").string() + difference);
  };
  refused("b,a,kind", ", where column 0 (from 0) is 'a', found 'b'");
  refused("a,c,kind", ", where column 1 (from 0) is 'b', found 'c'");
  place.put("test", "a,b,sort\n5,6,1\n"); // labels are no columns
  BOOST_TEST(numbers(attempt("train", "test").test.value()) == (Doubles{5, 6}));
  place.put("test", "a , b,kind\n5,6,1\n");
  BOOST_TEST(numbers(attempt("train", "test").test.value()) == (Doubles{5, 6}));
  BOOST_TEST(numbers(attempt("train", "plain").test.value()) == (Doubles{5, 6}));
  BOOST_TEST(numbers(attempt("plain", "train").test.value()) == (Doubles{1, 2}));
}

BOOST_AUTO_TEST_CASE(npy_flattens_and_npz_picks) {
  const TemporaryDirectory place;
  const Doubles eight{1, 2, 3, 4, 5, 6, 7, 8};
  write_npy(place.directory / "cube.npy", {2, 2, 2}, eight);
  const RawData cube = load("npy", {{"path", "cube.npy"}, {"test", "cube.npy"}}, place.directory);
  BOOST_TEST(cube.train.columns == 4u);
  BOOST_TEST(numbers(cube.train) == eight);
  BOOST_TEST((cube.image == ImageSize{2, 2}));
  BOOST_TEST(cube.test.value().rows == 2u);
  write_npy(place.directory / "line.npy", {8}, eight);
  check_message(
      [&] {
        load("npy", {{"path", "line.npy"}}, place.directory);
      },
      "line.npy: expected 2 or more dimensions, rows first, found 1");
  write_npy(place.directory / "bad.npy", {2, 2}, Doubles{0, 1, std::numeric_limits<double>::infinity(), 3});
  check_message(
      [&] {
        load("npy", {{"path", "bad.npy"}}, place.directory);
      },
      "bad.npy: expected finite values, found inf in row 1, column 0 (both from 0)");

  const std::vector<NamedArray<double>> arrays{{"x", {4, 2}, eight}, {"y", {1, 2}, {9, 10}}};
  write_npz(place.directory / "both.npz", arrays);
  const Values values{{"path", "both.npz"}, {"array", "x"}, {"test_array", "y"}};
  const RawData both = load("npz", values, place.directory);
  BOOST_TEST(both.train.rows == 4u);
  BOOST_TEST(numbers(both.test.value()) == (Doubles{9, 10}));
  for (const char* key : {"array", "test_array"}) {
    Values wrong = values;
    wrong[key] = "z";
    check_message([&] { load("npz", wrong, place.directory); },
                  "both.npz: expected an array named 'z', found x, y");
  }
}

BOOST_AUTO_TEST_CASE(keys_without_a_default_are_named_when_they_are_missing) {
  for (const char* type : {"idx", "csv", "npy", "npz"})
    check_message([&] { load(type, {}, "."); }, "data.path is missing: give a data file");
  check_message(
      [&] {
        load("npz", {{"path", "x.npz"}}, ".");
      },
      "data.array is missing: give the name of an array");
}

BOOST_AUTO_TEST_CASE(columns_can_be_said_to_be_images) {
  const TemporaryDirectory place;
  const Doubles numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  place.put("rows.csv", "1,2,3,4,5,6,0\n7,8,9,10,11,12,1\n");
  write_npy(place.directory / "rows.npy", {2, 6}, numbers);
  write_npy(place.directory / "cube.npy", {2, 2, 3}, numbers);
  const std::vector<NamedArray<double>> arrays{{"x", {2, 6}, numbers}};
  write_npz(place.directory / "rows.npz", arrays);
  const auto attempt = [&](const std::string& type, Values values, const std::string& image) {
    values["image"] = image;
    return load(type, values, place.directory).image;
  };
  const Values csv{{"path", "rows.csv"}, {"label_column", "last"}}, npy{{"path", "rows.npy"}},
      npz{{"path", "rows.npz"}, {"array", "x"}}, cube{{"path", "cube.npy"}};
  BOOST_TEST((attempt("csv", csv, "2 3") == ImageSize{2, 3})); // labels are no pixels
  BOOST_TEST((attempt("npy", npy, "3 2") == ImageSize{3, 2}));
  BOOST_TEST((attempt("npz", npz, "1 6") == ImageSize{1, 6}));
  BOOST_TEST((attempt("npy", cube, "2 3") == ImageSize{2, 3}));
  BOOST_TEST(!load("npy", npy, place.directory).image);
  for (const char* wrong : {"2 4", "6", "1 2 3", "", "4 1", "3 9007199254740992"})
    check_message([&] { attempt("npy", npy, wrong); },
                  "expected 'image' to be [height, width] with height x width = 6, the number of columns, "
                  "found [");
  check_message([&] { attempt("npy", npy, "2 4"); }, "found [2, 4]");
  check_message([&] { attempt("npy", npy, "0 3"); }, "image: not allowed");
  check_message([&] { attempt("npy", cube, "3 2"); },
                "expected 'image' to be [2, 3] as in the array, found [3, 2]");
}

BOOST_AUTO_TEST_SUITE_END()
